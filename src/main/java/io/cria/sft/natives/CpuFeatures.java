package io.cria.sft.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What this machine's processor says of itself. */
public final class CpuFeatures {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private CpuFeatures() {}

  /**
   * Whether bfloat16 products have instructions of their own (avx512_bf16 or amx_bf16); false where
   * it cannot be told.
   */
  public static boolean hasBfloat16() {
    try {
      return Files.isReadable(CPUINFO) && hasBfloat16(Files.readString(CPUINFO));
    } catch (IOException e) {
      return false;
    }
  }

  static boolean hasBfloat16(String cpuinfo) {
    return cpuinfo
        .lines()
        .filter(line -> line.startsWith("flags"))
        .findFirst()
        .map(line -> Set.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+")))
        .map(flags -> flags.contains("avx512_bf16") || flags.contains("amx_bf16"))
        .orElse(false);
  }

  /** Resident memory of this process in bytes; 0 where it cannot be told. */
  public static long residentBytes() {
    try {
      String[] fields = Files.readString(Path.of("/proc/self/statm")).trim().split(" ");
      return Long.parseLong(fields[1]) * 4096;
    } catch (IOException e) {
      return 0;
    }
  }

  /** A line of the system's account of its memory, such as MemAvailable, in bytes; 0 if unknown. */
  static long memoryBytes(String name) {
    Path account = Path.of("/proc/meminfo");
    try {
      return Files.isReadable(account) ? memoryBytes(Files.readString(account), name) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  static long memoryBytes(String account, String name) {
    return account
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .findFirst()
        .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .orElse(0L);
  }
}
