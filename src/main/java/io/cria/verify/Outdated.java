package io.cria.verify;

import io.cria.run.Line;
import io.cria.storage.Manifest;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parts of tables that were right when they were made, and whose input a later driver made anew:
 * whoever goes on with the run makes them anew, too. So it stands between two tasks of a scheduler.
 */
final class Outdated {
  private final Units units;
  private final Set<String> outdated = new TreeSet<>();

  private Outdated(Units units) {
    this.units = units;
  }

  /** The names of these units. */
  static Set<String> of(Units units) {
    Outdated found = new Outdated(units);
    boolean more = true;
    while (more) {
      more = false;
      for (Map.Entry<String, Manifest> unit : units.all().entrySet()) {
        more |= found.isNext(unit.getKey(), unit.getValue()) && found.outdated.add(unit.getKey());
      }
    }
    return found.outdated;
  }

  /** An export is held against the table that it was made from, as that stands. */
  private boolean isNext(String unit, Manifest manifest) {
    return Manifests.isMadeAnew(unit)
        && (isAskedAnew(unit, manifest.epoch())
            || manifest.inputs().stream()
                .anyMatch(
                    input ->
                        isMadeAnew(input, manifest.epoch())
                            || units
                                .of(input.path())
                                .anyMatch(of -> outdated.contains(of.getKey()))));
  }

  /** The table of moderation does not name what its service said among its inputs. */
  private boolean isAskedAnew(String unit, long epoch) {
    String moderated = Line.MODERATE.table().name() + "/";
    return unit.startsWith(moderated)
        && units
            .of(Line.REQUESTS.stage(Line.MODERATIONS.name()) + "/" + roundOf(unit, moderated))
            .anyMatch(of -> of.getValue().epoch() > epoch);
  }

  private static String roundOf(String unit, String table) {
    return unit.substring(table.length()).replaceFirst("/.*", "");
  }

  private boolean isMadeAnew(Manifest.Input input, long epoch) {
    return Manifests.isMadeAnew(input.path())
        && !units.digests(input.path()).contains(input.sha256())
        && units.of(input.path()).anyMatch(of -> of.getValue().epoch() > epoch);
  }
}
