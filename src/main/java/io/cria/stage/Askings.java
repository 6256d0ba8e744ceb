package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.ask.MissingAnswers;
import io.cria.ask.OnlineAsker;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.ask.RejectedRequests;
import io.cria.prompt.BuiltPrompt;
import io.cria.run.AskContext;
import io.cria.run.StageDeclaration;
import java.util.Iterator;
import java.util.List;

/**
 * Asks an {@link Asking} as the line's stages ask: planned and published whole before anything is
 * sent, then asked and committed part by part, within caps and limits; what the ledger holds is not
 * bought again.
 */
public final class Askings {
  private Askings() {}

  /** Does what is not done yet. Returns whether there was anything to do. */
  public static boolean run(AskContext context, Asking asking) {
    StageDeclaration stage = asking.stage();
    List<Integer> round = List.of(asking.round());
    Planning planning = new Planning(context, stage, asking.system());
    boolean planned = planning.isPlanned(asking.round(), asking.inputs());
    if (planned) {
      MissingAnswers.rebuild(context, stage, asking.usable());
      if (context.retryRejected()) {
        long reopened =
            asking.needsAll()
                ? RejectedRequests.reopenUseless(context, stage, asking.round())
                : RejectedRequests.reopen(context, stage, round);
        context.progress().note(stage.name() + ": " + reopened + " rejected requests, asked again");
      }
      if (AskedParts.isWhole(context, stage, asking.round())) {
        return false;
      }
    } else {
      plan(context, asking, planning);
    }
    OnlineAsker asker = new OnlineAsker(context, asking.usable(), !asking.needsAll());
    return new AskedParts(context, stage, asker, asking)
        .run(round, planned && context.closeRound() && !asking.needsAll());
  }

  private static void plan(AskContext context, Asking asking, Planning planning) {
    boolean chat = Planning.isChat(context);
    Planning.Round round = planning.begin(asking.round());
    for (Iterator<Asking.Item> items = asking.items(); items.hasNext(); ) {
      Asking.Item item = items.next();
      Subject subject = new Subject(item.id(), asking.round(), round.nextRow(), 0, "", null);
      if (!item.several().isEmpty()) {
        round.add(item.several(), item.decoding(), subject);
        continue;
      }
      boolean before = !chat && !asking.system().isEmpty();
      String text = before ? asking.system() + "\n\n" + item.text() : item.text();
      round.add(new BuiltPrompt(text, List.of(), 0), item.decoding(), subject);
    }
    round.publish(asking.inputs());
  }
}
