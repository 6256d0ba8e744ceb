package io.cria.task;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Licences by the short names that Hugging Face's cards have for them. They are SPDX's in lower
 * case, but for a few, and some that SPDX does not list.
 */
public final class HubLicense {
  /** What cards say of a licence that has no short name; its own name stands beside it. */
  public static final String OTHER = "other";

  /** What cards say where no licence is stated. */
  public static final String UNKNOWN = "unknown";

  private static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              """
              afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m
              bigscience-bloom-rail-1.0 bigscience-openrail-m bsd bsd-2-clause bsd-3-clause
              bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0
              cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0
              cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0
              cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0
              creativeml-openrail-m deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 etalab-2.0
              eupl-1.1 eupl-1.2 gemma gfdl gpl gpl-2.0 gpl-3.0 h-research intel-research isc lgpl
              lgpl-2.1 lgpl-3.0 lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 llama4
              lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 openrail openrail++ osl-3.0
              other pddl postgresql unknown unlicense wtfpl zlib
              """
                  .split("\\s+")));

  /** SPDX's names, in lower case, that differ. */
  private static final Map<String, String> BY_SPDX =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("agpl-3.0-only", "agpl-3.0"),
              Map.entry("agpl-3.0-or-later", "agpl-3.0"),
              Map.entry("gpl-2.0-only", "gpl-2.0"),
              Map.entry("gpl-2.0-or-later", "gpl-2.0"),
              Map.entry("gpl-3.0-only", "gpl-3.0"),
              Map.entry("gpl-3.0-or-later", "gpl-3.0"),
              Map.entry("lgpl-2.1-only", "lgpl-2.1"),
              Map.entry("lgpl-2.1-or-later", "lgpl-2.1"),
              Map.entry("lgpl-3.0-only", "lgpl-3.0"),
              Map.entry("lgpl-3.0-or-later", "lgpl-3.0"),
              Map.entry("lgpllr", "lgpl-lr"),
              Map.entry("gfdl-1.3-only", "gfdl"),
              Map.entry("gfdl-1.3-or-later", "gfdl"),
              Map.entry("c-uda-1.0", "c-uda"),
              Map.entry("odbl-1.0", "odbl"),
              Map.entry("odc-by-1.0", "odc-by"),
              Map.entry("pddl-1.0", "pddl")));

  /** Licences of SPDX's list, in lower case, for which cards have no short name. */
  private static final Set<String> LISTED =
      new TreeSet<>(
          Set.of(
              """
              0bsd aal afl-2.1 apache-1.1 apsl-2.0 artistic-1.0 beerware blueoak-1.0.0 bsd-1-clause
              bsd-2-clause-patent bsd-4-clause cal-1.0 cc-by-1.0 cc-by-sa-1.0 cc-by-sa-2.0
              cc-by-sa-2.5 cc-pddc cddl-1.0 cddl-1.1 cecill-2.1 cecill-b cecill-c cern-ohl-p-2.0
              cern-ohl-s-2.0 cern-ohl-w-2.0 cpl-1.0 dl-de-by-2.0 dl-de-zero-2.0 eudatagrid
              gfdl-1.1-only gfdl-1.2-only hpnd ijg json libpng-2.0 lgpl-2.0-only
              lgpl-2.0-or-later mit-0 mit-modern-variant mpl-1.1 ms-rl mulanpsl-2.0 nlod-1.0
              nlod-2.0 ogl-canada-2.0 ogl-uk-3.0 openssl php-3.01 psf-2.0 python-2.0 qpl-1.0 rpl-1.5
              ruby sgi-b-2.0 ssh-openssh sspl-1.0 unicode-3.0 upl-1.0 vim w3c x11 zpl-2.1
              """
                  .split("\\s+")));

  /** SPDX's form for licences that it does not list. */
  private static final Pattern REFERENCE = Pattern.compile("LicenseRef-[A-Za-z0-9.-]+");

  private HubLicense() {}

  /** All short names, sorted. */
  public static Set<String> names() {
    return Set.copyOf(NAMES);
  }

  /** The short name of a licence by that name or by SPDX's, in any case; empty for others. */
  public static Optional<String> of(String stated) {
    String lower = stated.strip().toLowerCase(Locale.ROOT);
    String name = BY_SPDX.getOrDefault(lower, lower);
    return NAMES.contains(name) ? Optional.of(name) : Optional.empty();
  }

  /**
   * Whether it is a licence's name: one that cards or SPDX know, {@code LicenseRef-NAME} as SPDX
   * has it for others, or several words. A single word that nobody knows is likely a slip.
   */
  public static boolean isName(String stated) {
    return of(stated).isPresent()
        || LISTED.contains(stated.strip().toLowerCase(Locale.ROOT))
        || REFERENCE.matcher(stated.strip()).matches()
        || stated.strip().matches("(?s)\\S+\\s.*");
  }

  /**
   * What a card's head says of a licence.
   *
   * @param stated null for none
   * @return {@code license}, and {@code license_name} where the licence has no short name
   */
  public static Map<String, String> head(@Nullable String stated) {
    Map<String, String> head = new TreeMap<>();
    head.put("license", stated == null ? UNKNOWN : of(stated).orElse(OTHER));
    if (stated != null && of(stated).isEmpty()) {
      head.put("license_name", stated.strip());
    }
    return head;
  }
}
