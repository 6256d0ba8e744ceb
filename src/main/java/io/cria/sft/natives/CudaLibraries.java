package io.cria.sft.natives;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** The libraries that libtorch's CUDA build takes from the system. */
final class CudaLibraries {
  /** What the CUDA build of the pinned libtorch links against. */
  private static final List<String> NEEDED =
      List.of(
          "libcudart.so.13",
          "libcupti.so.13",
          "libcublas.so.13",
          "libcublasLt.so.13",
          "libcufft.so.12",
          "libcurand.so.10",
          "libcusparse.so.12",
          "libcusolver.so.12",
          "libcufile.so.0",
          "libcudnn.so.9",
          "libnccl.so.2");

  static final String REMEDY =
      "install CUDA 13, cuDNN 9 and NCCL 2 and name their folders in LD_LIBRARY_PATH";

  private CudaLibraries() {}

  /** Whether the class path has libtorch's CUDA build. */
  static boolean buildOnClassPath() {
    String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/";
    return CudaLibraries.class.getResource(folder + "libtorch_cuda.so") != null;
  }

  /** Those that the system's loader does not find. */
  static List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (String name : NEEDED) {
      if (!fault(name).isEmpty()) {
        missing.add(name);
      }
    }
    return missing;
  }

  /** Why libtorch's CUDA part, which lies beside the bindings' library, does not load. */
  static String loadFault() {
    List<String> missing = missing();
    if (!missing.isEmpty()) {
      return "the CUDA build of libtorch lacks " + String.join(", ", missing);
    }
    Path bindings = Path.of(Loader.load(torch.class));
    String fault = fault(bindings.resolveSibling("libtorch_cuda.so").toString());
    return "the CUDA libraries are of other versions than libtorch's build wants"
        + (fault.isEmpty() ? "" : " (" + fault + ")");
  }

  /** What the loader says against a library; empty where it loads. */
  private static String fault(String library) {
    try {
      Loader.loadGlobal(library);
      return "";
    } catch (LinkageError e) {
      return NativeErrors.firstLine(e);
    }
  }
}
