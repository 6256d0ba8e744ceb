package io.cria.sft.natives;

import io.cria.task.CriaException;

/** Which device a setting means where these GPUs are. */
final class DeviceChoice {
  private static final String CUDA = "cuda";

  private DeviceChoice() {}

  /** What there is of GPUs for this process. */
  interface Gpus {
    /** Whether the class path has the CUDA build of libtorch. */
    boolean inBuild();

    /** Why its CUDA part could not be loaded; empty where it was. */
    String loadFault();

    /** GPUs that can be used. */
    int count();

    /** In CUDA's words, why there is none. */
    String countFault();
  }

  static Device.Choice of(String setting, Gpus gpus) {
    if (setting.equals("cpu")) {
      return new Device.Choice(Device.CPU, "as configured");
    }
    boolean auto = setting.equals("auto");
    String why = whyNone(gpus);
    if (auto) {
      return why.isEmpty()
          ? new Device.Choice(Device.cuda(0), "a GPU is there")
          : new Device.Choice(Device.CPU, why);
    }
    int index = index(setting);
    if (!why.isEmpty()) {
      throw CriaException.badInput(
          "device " + setting + " cannot be used: " + why + "; " + remedy(gpus));
    }
    if (index >= gpus.count()) {
      throw CriaException.badInput(
          "device "
              + setting
              + " cannot be used: there "
              + (gpus.count() == 1
                  ? "is one GPU, cuda:0"
                  : "are " + gpus.count() + " GPUs, cuda:0 to cuda:" + (gpus.count() - 1))
              + "; name one of them");
    }
    return new Device.Choice(Device.cuda(index), "as configured");
  }

  private static int index(String setting) {
    if (setting.equals(CUDA)) {
      return 0;
    }
    if (setting.matches(CUDA + ":[0-9]{1,3}")) {
      return Integer.parseInt(setting.substring(CUDA.length() + 1));
    }
    throw CriaException.badInput("device must be cpu, cuda, cuda:N or auto, not '" + setting + "'");
  }

  /** Why there is no GPU to use; empty where there is one. */
  private static String whyNone(Gpus gpus) {
    if (!gpus.inBuild()) {
      return "libtorch on the class path is the build for CPUs";
    }
    String fault = gpus.loadFault();
    if (!fault.isEmpty()) {
      return fault;
    }
    return gpus.count() > 0 ? "" : "there is no GPU (" + gpus.countFault() + ")";
  }

  private static String remedy(Gpus gpus) {
    if (!gpus.inBuild()) {
      return "put org.bytedeco:pytorch with the classifier linux-x86_64-gpu on it, or set device:"
          + " cpu";
    }
    return gpus.loadFault().isEmpty()
        ? "look at nvidia-smi, or set device: cpu"
        : CudaLibraries.REMEDY + ", or set device: cpu";
  }
}
