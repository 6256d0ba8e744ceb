package io.cria.safety;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Results of a moderation service, as we read them. */
class ServiceModerationTest {
  @Test
  void finerCategoriesCountForTheirOwn() {
    List<ServiceModeration> read =
        ServiceModeration.read(
                """
                [{"flagged": true, "categories": {"hate/threatening": true, "self_harm": true, "new": true},
                  "category_scores": {"hate": 0.1, "hate/threatening": 0.9, "self-harm/intent": 0.3, "new": 1}},
                 {"flagged": false, "categories": {}, "category_scores": {}}]
                """,
                2)
            .orElseThrow();
    assertThat(read.get(0).flagged()).isTrue();
    assertThat(read.get(0).categories())
        .containsExactlyInAnyOrder(ModerationCategory.HATE, ModerationCategory.SELF_HARM);
    assertThat(read.get(0).scores())
        .hasSize(ModerationCategory.values().length)
        .containsEntry(ModerationCategory.HATE, 0.9)
        .containsEntry(ModerationCategory.SELF_HARM, 0.3)
        .containsEntry(ModerationCategory.VIOLENCE, 0.0);
    assertThat(read.get(1).flagged()).isFalse();
  }

  @Test
  void whatIsNotAResultForEachTextIsNone() {
    for (String results :
        List.of("[]", "{}", "[{\"flagged\": \"no\"}]", "[{\"flagged\": false}", "[1]")) {
      assertThat(ServiceModeration.read(results, 1)).as(results).isEqualTo(Optional.empty());
    }
    assertThat(ServiceModeration.read("[{\"flagged\": false}]", 2)).isEmpty();
  }
}
