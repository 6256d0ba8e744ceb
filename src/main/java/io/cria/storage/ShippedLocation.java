package io.cria.storage;

import io.cria.shipped.Shipped;
import io.cria.task.CriaException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** In Cria's jar. */
final class ShippedLocation extends Location {
  private final String path;
  private final Configuration hadoop;

  /**
   * @param path as {@link Shipped} knows it
   */
  ShippedLocation(String path, String name, Configuration hadoop) {
    super(name);
    this.path = path;
    this.hadoop = hadoop;
  }

  @Override
  public boolean exists() {
    return Shipped.FILES.has(path);
  }

  @Override
  public InputStream open() throws IOException {
    return Shipped.FILES.open(path);
  }

  @Override
  public List<String> list() throws IOException {
    List<String> names = Shipped.FILES.list(path);
    if (names.isEmpty()) {
      throw new FileNotFoundException(path);
    }
    return names;
  }

  @Override
  public Location child(String file) {
    return at(Path.of(path, file));
  }

  @Override
  public String absolute() {
    return Shipped.SCHEME + Path.of(path).normalize();
  }

  @Override
  public WholeFile create() {
    throw CriaException.badInput(
        this + ": this lies in Cria's jar and cannot be written: name another output");
  }

  @Override
  Location beside(String inFile) {
    return at(Path.of(path).resolveSibling(inFile).normalize());
  }

  private Location at(Path other) {
    return new ShippedLocation(other.toString(), other.toString(), hadoop);
  }

  @Override
  String shippedName() {
    return path;
  }

  @Override
  Configuration hadoop() {
    return hadoop;
  }
}
