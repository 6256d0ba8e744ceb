package io.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.task.Conversation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiRequestTest {
  private static final String HI = "'messages':[{'role':'user','content':'hi'}]";

  private final ScriptedBackend backend = new ScriptedBackend();

  private ApiRequest read(String json, boolean chat) {
    return ApiRequest.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), chat, backend);
  }

  private Question text(String options) {
    return read("{'prompt':'a'" + options + "}", false).question();
  }

  private Question chat(String options) {
    return read("{" + HI + options + "}", true).question();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'n':0 | n | from 1 to 128, not 0",
        "'n':129 | n | from 1 to 128",
        "'best_of':3 | best_of | not chosen among more",
        "'stream':1 | stream | true or false, not 1",
        "'stream_options':{'include_usage':'yes'} | stream_options | true or false",
        "'echo':'yes' | echo | true or false",
        "'logprobs':21 | logprobs | from 0 to 20",
        "'logprobs':true | logprobs | whole number",
        "'suffix':'z' | suffix | leave suffix out",
        "'response_format':{'type':'xml'} | response_format | text, json_object or json_schema",
        "'response_format':{'type':'json_schema'} | response_format.json_schema.schema | an object",
        "'response_format':{'type':'json_object'},'stop':'x' | stop | may cut the JSON",
        "'temperature':2.5 | temperature | from 0.0 to 2.0, not 2.5",
        "'temperature':'1' | temperature | must be a number",
        "'top_p':-0.1 | top_p | from 0.0 to 1.0",
        "'min_p':2 | min_p | from 0.0 to 1.0",
        "'presence_penalty':3 | presence_penalty | from -2.0 to 2.0",
        "'frequency_penalty':-3 | frequency_penalty | from -2.0 to 2.0",
        "'repeat_penalty':0 | repeat_penalty | above 0",
        "'max_tokens':0 | max_tokens | at least 1, or -1 for all that the context has room for, not"
            + " 0",
        "'max_tokens':-2 | max_tokens | not -2",
        "'max_tokens':1.5 | max_tokens | at least 1",
        "'max_completion_tokens':99999999999 | max_completion_tokens | at least 1",
        "'seed':1.5 | seed | whole number",
        "'stop':'' | stop | none empty",
        "'stop':[1] | stop | list of texts",
        "'stop':['a','a','a','a','a','a','a','a','a','a','a','a','a','a','a','a','a'] | stop | at"
            + " most 16",
        "'logit_bias':{'x':1} | logit_bias | token ids",
        "'logit_bias':{'1':101} | logit_bias | -100 to 100",
        "'logit_bias':[] | logit_bias | object",
      })
  void whatCannotBeServedIsRefusedByName(String option, String param, String message) {
    refused(() -> text("," + option), param, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'functions':[{}] | functions | give tools",
        "'function_call':'auto' | function_call | give tools",
        "'audio':{'voice':'x'} | audio | answers are text",
        "'modalities':['text','audio'] | modalities | answers are text",
        "'modalities':'audio' | modalities | answers are text",
        "'parallel_tool_calls':1 | parallel_tool_calls | true or false",
        "'logprobs':2 | logprobs | true or false",
        "'top_logprobs':2 | top_logprobs | needs logprobs",
        "'logprobs':true,'top_logprobs':21 | top_logprobs | from 0 to 20",
      })
  void whatAChatCannotHaveIsRefusedByName(String option, String param, String message) {
    refused(() -> chat("," + option), param, message);
  }

  private static void refused(Runnable request, String param, String message) {
    assertThatThrownBy(request::run)
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.status()).isEqualTo(400);
              assertThat(e.type()).isEqualTo("invalid_request_error");
              assertThat(e.param()).isEqualTo(param);
            })
        .hasMessageContaining(message);
  }

  @Test
  void whatABackendCannotDoIsRefusedWithItsReason() {
    for (Feature feature : Feature.values()) {
      backend.refusals.put(feature, "not by " + feature + ": ask another");
    }
    refused(() -> text(",'logprobs':1"), "logprobs", "not by LOGPROBS");
    refused(() -> chat(",'logprobs':true"), "logprobs", "not by LOGPROBS");
    refused(() -> text(",'echo':true"), "echo", "not by ECHO");
    refused(() -> read("{'prompt':[1,2]}", false), "prompt", "not by TOKEN_IDS");
    refused(() -> chat(",'tools':[{'type':'function'}]"), "tools", "not by TOOLS");
    refused(
        () -> read("{'messages':[{'role':'tool','content':'x'}]}", true), "tools", "not by TOOLS");
    assertThat(text(",'logprobs':null,'echo':false").isScored()).isFalse();
    assertThat(chat(",'tools':[],'logprobs':false,'top_logprobs':0").isScored()).isFalse();
    assertThat(chat(",'tools':[{}],'tool_choice':'none'").choices()).isEqualTo(1);
  }

  @Test
  void promptsAreTextsOrTokensOrListsOfThem() {
    assertThat(read("{'prompt':['a','b'],'n':2}", false).question())
        .satisfies(asked -> assertThat(asked.choices()).isEqualTo(4))
        .satisfies(
            asked ->
                assertThat(asked.prompts())
                    .containsExactly(new Prompt.Text("a"), new Prompt.Text("b")));
    assertThat(read("{'prompt':[5,6]}", false).question().prompts())
        .containsExactly(new Prompt.Ids(List.of(5, 6)));
    assertThat(read("{'prompt':[[5],[6,7]]}", false).question().prompts())
        .containsExactly(new Prompt.Ids(List.of(5)), new Prompt.Ids(List.of(6, 7)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'prompt':''}",
        "{'prompt':5}",
        "{'prompt':[]}",
        "{'prompt':[[]]}",
        "{'prompt':['a','']}",
        "{'prompt':[1,'a']}",
        "{'prompt':[-1]}",
        "{'prompt':[1.5]}",
        "{'prompt':[{'x':1}]}"
      })
  void whatIsNoPromptIsRefused(String body) {
    refused(() -> read(body, false), "prompt", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | messages",
        "{'messages':[]} | messages",
        "{'messages':[{'role':'king','content':'x'}]} | messages[0].role",
        "{'messages':[{'role':'user','content':'x'},{'role':'user'}]} | messages[1].content",
        "{'messages':[{'role':'user','content':null}]} | messages[0].content",
        "{'messages':[{'role':'user','content':[{'type':'image_url'}]}]} | messages[0].content",
      })
  void aChatIsAListOfTexts(String body, String param) {
    refused(() -> read(body, true), param, "");
  }

  @Test
  void anAnswerWithoutContentIsAnEmptyOne() {
    Question asked =
        read(
                "{'messages':[{'role':'user','content':'x'},{'role':'assistant','content':null},"
                    + "{'role':'user','content':[{'type':'text','text':'y'}]}]}",
                true)
            .question();

    assertThat(((Prompt.Chat) asked.prompts().get(0)).conversation().messages())
        .extracting(message -> message.get("content"))
        .containsExactly("x", "", "y");
  }

  @Test
  void toolsAndTheirCallsReachTheTemplateAsItReadsThem() {
    String tools = "'tools':[{'type':'function','function':{'name':'sea'}}]";
    ApiRequest request =
        read(
            "{"
                + tools
                + ",'messages':[{'role':'user','content':'x'},{'role':'assistant',"
                + "'tool_calls':[{'id':'c1','type':'function','function':{'name':'sea',"
                + "'arguments':'{}'}}]},{'role':'tool','tool_call_id':'c1','content':'salt'}]}",
            true);

    assertThat(request.mayCall()).isTrue();
    assertThat(request.unknown()).isEmpty();
    Conversation chat = ((Prompt.Chat) request.question().prompts().get(0)).conversation();
    assertThat(chat.tools())
        .containsExactly(Map.of("type", "function", "function", Map.of("name", "sea")));
    assertThat(chat.messages().get(1))
        .containsEntry(
            "tool_calls",
            List.of(
                Map.of(
                    "id",
                    "c1",
                    "type",
                    "function",
                    "function",
                    Map.of("name", "sea", "arguments", Map.of()))));
    assertThat(chat.messages().get(1).toString())
        .as("always in one order")
        .endsWith("tool_calls=[{id=c1, type=function, function={name=sea, arguments={}}}]}");
    assertThat(chat.messages().get(2))
        .containsEntry("tool_call_id", "c1")
        .containsEntry("content", "salt");

    refused(() -> chat("," + tools + ",'tool_choice':'required'"), "tool_choice", "auto or none");
    refused(() -> chat(",'tools':[{'type':'river'}]"), "tools[0]", "of type function");
    refused(
        () -> chat("," + tools + ",'response_format':{'type':'json_object'}"),
        "response_format",
        "no place for calls");
    refused(
        () ->
            read(
                "{'messages':[{'role':'assistant','tool_calls':[{'function':{'name':'a',"
                    + "'arguments':'{'}}],'content':null}]}",
                true),
        "messages[0].tool_calls[0].function.arguments",
        "the text of a JSON object");
  }

  @Test
  void theLimitIsTheClientsOrFitted() {
    assertThat(text(",'max_tokens':7").fitted()).isFalse();
    assertThat(text("").fitted()).isTrue();
    assertThat(text(",'max_tokens':null").decoding().maxTokens()).isEqualTo(16);
    Question all = chat(",'max_completion_tokens':-1");
    assertThat(all.fitted()).isTrue();
    assertThat(all.decoding().maxTokens()).isEqualTo(backend.contextLength());
    Question none = text(",'max_tokens':0,'echo':true,'logprobs':1");
    assertThat(none.silent()).isTrue();
    assertThat(none.echoed()).isTrue();
    assertThat(none.scored()).isEqualTo(1);
  }

  @Test
  void aSchemaThatCannotBeKeptToNamesThePlace() {
    refused(
        () ->
            chat(
                ",'response_format':{'type':'json_schema','json_schema':{'name':'p','schema':"
                    + "{'type':'object','properties':{'age':{'type':'integer','minimum':0}}}}}"),
        "response_format.json_schema.schema.properties.age.minimum",
        "'minimum' is not known here: leave it out");
    assertThat(chat(",'response_format':{'type':'json_object'}").grammar()).isNotNull();
    assertThat(chat(",'response_format':{'type':'text'}").grammar()).isNull();
  }

  @Test
  void whatMeansNothingIsNamed() {
    ApiRequest request =
        read(
            "{'messages':[{'role':'user','content':'x','name':'bo','audio':null}],'top_k':5,"
                + "'user':'u','reasoning_effort':'low','typical_p':null,'n':1,"
                + "'stream_options':{'include_usage':true,'include_obfuscation':false}}",
            true);

    assertThat(request.usageInStream()).isTrue();
    assertThat(request.unknown())
        .containsExactly(
            "top_k", "reasoning_effort", "messages[].name", "stream_options.include_obfuscation");
  }
}
