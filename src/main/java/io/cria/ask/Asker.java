package io.cria.ask;

import java.util.List;
import java.util.function.Consumer;

/**
 * Planned parts in, answers in the ledger out. Whatever is paid for goes through one; stages do not
 * know which: {@link OnlineAsker} asks an HTTP endpoint from the executors.
 */
public interface Asker {
  /**
   * Asks the open parts of one stage. While one part is being committed the next ones are asked on.
   *
   * @param stage its name
   * @param parts ascending, each with something to ask
   * @param answered called on the calling thread for each part, ascending, as soon as all its
   *     requests have ended and their records can be read here
   * @throws io.cria.task.CriaException when it cannot go on: stopped, capped, the endpoint, the
   *     disks. Parts that were through by then have been given out; every paid answer is in the
   *     ledger.
   */
  void ask(String stage, List<OpenPart> parts, Consumer<OpenPart> answered);
}
