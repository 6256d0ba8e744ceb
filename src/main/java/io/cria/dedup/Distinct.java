package io.cria.dedup;

import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.io.File;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Inputs that have no file in common, and an output apart from them, however each is spelt. */
final class Distinct {
  private Distinct() {}

  /**
   * @throws CriaException (bad input) otherwise
   */
  static void require(List<InputFiles> inputs, String output, Configuration hadoop) {
    String out = canonical(new Path(RunDirectory.at(output, hadoop).root()));
    Map<String, String> owners = new HashMap<>();
    for (InputFiles input : inputs) {
      String root = canonical(input.root());
      if (isWithin(out, root) || isWithin(root, out)) {
        throw CriaException.badInput(
            output
                + ": the output and the input "
                + input.name()
                + " lie in one another: give --output a directory apart from the inputs");
      }
      for (FileStatus file : input.files()) {
        String owner = owners.put(canonical(file.getPath()), input.name());
        if (owner != null) {
          throw CriaException.badInput(
              input.name()
                  + ": it has a file in common with the input "
                  + owner
                  + ", "
                  + file.getPath()
                  + ": give each file once");
        }
      }
    }
  }

  private static boolean isWithin(String path, String root) {
    return path.equals(root) || path.startsWith(root.endsWith("/") ? root : root + "/");
  }

  /** One text for one file; on this machine also behind symbolic links. */
  private static String canonical(Path path) {
    String scheme = path.toUri().getScheme();
    if (scheme != null && !scheme.equals("file")) {
      return path.toString();
    }
    try {
      return new File(path.toUri().getPath()).getCanonicalPath();
    } catch (IOException e) {
      throw InputFiles.unreadable(path.toString(), e);
    }
  }
}
