package io.cria.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.Operation.Endpoint;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers, the key's header, and Azure's version in a run file. */
class EndpointKeysTest {
  private static Endpoint parse(String yaml) {
    return ConfigReader.parse(yaml + "\n", "own.yaml", Endpoint.class, Map.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apiVersion: 'a b'|apiVersion must be a version such as 2024-10-21",
        "keyHeader: 'Host'|keyHeader must not be 'Host'",
        "keyHeader: 'content-length: x'|keyHeader must not be 'content-length'",
        "keyHeader: 'Bearer x y'|keyHeader is no header's name",
        "headers: {Host: x}|headers must not set 'Host'",
        "headers: {'a b': x}|headers has a name that is no header's",
        "headers: {X-A: ''}|headers has no usable value for 'X-A'",
        "headers: {X-A: 'env:1 2'}|headers names no environment variable for 'X-A'",
        "headers: {X-A: 'file:'}|headers names no file for 'X-A'",
        "headers: {X-A: a, x-a: b}|headers name"
      })
  void whatIsNoHeaderOrNoVersionIsTold(String line, String why) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("own.yaml", why);
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization, quite-plain",
    "Proxy-Authorization, quite-plain",
    "api-key, quite-plain",
    "X-API-Key, quite-plain",
    "cf-access-token, quite-plain",
    "X-Client-Secret, quite-plain",
    "Ocp-Apim-Subscription-Key, quite-plain",
    "Cookie, quite-plain",
    "X-Gate, Bearer quite-plain",
    "X-Gate, sk-quite-plain-0123456789"
  })
  void aSecretWrittenIntoARunFileIsRefusedWithoutBeingShown(String name, String value) {
    assertThatThrownBy(() -> parse("headers: {" + name + ": '" + value + "'}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'" + name + "'", "write env:NAME or file:PATH")
        .hasMessageNotContaining("quite-plain");
    Map<String, String> headers = Map.of(name, "env:NAME");
    assertThat(parse("headers: {" + name + ": 'env:NAME'}").headers()).isEqualTo(headers);
  }

  @Test
  void anAddressWithAzuresVersionIsToldWhereTheVersionGoes() {
    assertThatThrownBy(
            () -> parse("baseUrl: https://x.openai.azure.com/openai/deployments/d?api-version=1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("the version as endpoint.apiVersion");
  }

  @Test
  void anAuthorsNameIsNoSecret() {
    assertThat(parse("headers: {X-Author: me}").headers()).containsEntry("X-Author", "me");
  }
}
