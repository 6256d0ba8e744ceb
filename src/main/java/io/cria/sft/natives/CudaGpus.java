package io.cria.sft.natives;

import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The GPUs as the loaded libtorch sees them. */
final class CudaGpus implements DeviceChoice.Gpus {
  @Override
  public boolean inBuild() {
    return CudaLibraries.buildOnClassPath() || Natives.buildReport().contains("USE_CUDA=1");
  }

  @Override
  public String loadFault() {
    return torch.getCUDAHooks().hasCUDART() ? "" : CudaLibraries.loadFault();
  }

  @Override
  public int count() {
    return torch.cuda_device_count();
  }

  @Override
  public String countFault() {
    try {
      Scoped.run(
          () ->
              torch.empty(
                  new long[] {1},
                  Device.cuda(0).options(ScalarType.Float),
                  new MemoryFormatOptional()));
      return "none counted";
    } catch (RuntimeException e) {
      String told = NativeErrors.firstLine(e);
      int sentence = told.indexOf(". ");
      return sentence < 0 ? told : told.substring(0, sentence); // the rest is advice
    }
  }
}
