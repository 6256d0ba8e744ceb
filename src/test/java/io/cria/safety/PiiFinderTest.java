package io.cria.safety;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Numbers here belong to nobody: examples of the standards, card issuers' test numbers, unassigned
 * ranges, births in 1900 and in years to come. Keys are put together from parts, so that this file
 * holds none.
 */
class PiiFinderTest {
  @Test
  void aPlaceHasItsKindItsSpanAndAMaskedForm() {
    assertThat(PiiFinder.find("Call 010-0000-1289."))
        .containsExactly(new PiiMatch(PiiKind.PHONE, 5, 18, "***-****-**89"));
    assertThat(PiiFinder.mask("Mail jo.kim@corp.cria, or call 010-0000-1289!"))
        .isEqualTo("Mail j***@***.cria, or call ***-****-**89!");
    assertThat(PiiKind.KOREAN_RESIDENT_NUMBER.word()).isEqualTo("korean_resident_number");
  }

  @Test
  void addressesAreFoundInTheirSentences() {
    assertFound(PiiKind.EMAIL, "<jo@mail.corp.cria>;", "jo@mail.corp.cria");
    assertFound(PiiKind.EMAIL, "Write to JO+list@Corp-2.CRIA.", "JO+list@Corp-2.CRIA");
    assertFound(PiiKind.EMAIL, "메일은 jo@corp.cria로 보내 주세요", "jo@corp.cria");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jo@example.com",
        "jo@mail.example.org",
        "jo@localhost",
        "root@host.test",
        "git@github.com:owner/repository.git",
        "icon@2x.png",
        "npm install pkg@1.2.3",
        "@Override public",
        "jo..kim@corp.cria",
        "3 apples @ 2.50 each"
      })
  void whatOnlyLooksLikeAnAddressIsNone(String text) {
    assertThat(PiiFinder.find(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+82 10-0000-1289",
        "+821000001289",
        "+1 (415) 000-1289",
        "+44 20 7946 0018",
        "010-0000-1289",
        "010 0000 1289",
        "01000001289",
        "011-000-1289",
        "02-000-1289",
        "(031) 000-1289",
        "(415) 200-1289",
        "415-200-1289",
        "415.200.1289"
      })
  void phoneNumbersHaveManyForms(String number) {
    assertFound(PiiKind.PHONE, "전화는 " + number + "로, please.", number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Order 20240501-001234 has shipped.",
        "Order no. 4152001289",
        "Call 415-555-0132 in the film",
        "1588-1234",
        "2024-05-01 12:30:45",
        "2024.05.01",
        "20240501123045",
        "1714567890123",
        "v10.0.19041.2846",
        "192.168.100.200",
        "1,234,567.89",
        "₩12,345,000",
        "서울특별시 종로구 03154",
        "우편번호 135-080",
        "ISBN 978-3-16-148410-0",
        "550e8400-e29b-41d4-a716-446655440000",
        "0.4152001289",
        "f(x)=+1234567890x",
        "3141592653589793238462643383279",
        "010-0000-12899",
        "A010-0000-1289"
      })
  void otherNumbersAreNoPhoneNumbers(String text) {
    assertThat(PiiFinder.find(text)).isEmpty();
  }

  @Test
  void anIbanHasItsCountrysLengthAndCheckDigits() {
    assertFound(
        PiiKind.IBAN, "IBAN DE89 3704 0044 0532 0130 00 BIC X", "DE89 3704 0044 0532 0130 00");
    assertFound(PiiKind.IBAN, "GB29NWBK60161331926819", "GB29NWBK60161331926819");
    assertFound(PiiKind.IBAN, "(NO9386011117947)", "NO9386011117947");
    assertFound(
        PiiKind.IBAN, "계좌 MT84MALT011000012345MTLCAST001S로", "MT84MALT011000012345MTLCAST001S");
    assertThat(PiiFinder.mask("DE89 3704 0044 0532 0130 00")).isEqualTo("DE******************00");
    for (String text :
        List.of(
            "DE88 3704 0044 0532 0130 00",
            "DE8937040044053201300",
            "DE893704004405320130001",
            "XX89370400440532013000",
            "DE89  3704 0044 0532 0130 00",
            "ABDE89370400440532013000")) {
      assertThat(PiiFinder.find(text)).as(text).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111111111111111",
        "5500 0000 0000 0004",
        "2223003122003222",
        "340000000000009",
        "3782 822463 10005",
        "6011000000000004",
        "3530111333300000",
        "30569309025904",
        "9400-0000-0000-0007"
      })
  void cardNumbersHaveAnIssuerAndACheckDigit(String number) {
    assertFound(PiiKind.PAYMENT_CARD, "Card " + number + ", please.", number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4111 1111 1111 1112",
        "4111-1111 1111-1111",
        "7111111111111117",
        "9400000000000007",
        "0.4111111111111111",
        "41111111111111111",
        "order/4111111111111111/items",
        "#4111111111111111",
        "4006381333931"
      })
  void otherLongNumbersAreNoCards(String text) {
    assertThat(PiiFinder.find(text)).isEmpty();
  }

  @Test
  void aResidentNumberHasADateAndAChecksumUnlessItsTimeHasNone() {
    assertResident("000101-1000002", true);
    assertResident("0001011000002", true);
    assertResident("000101-5000005", true);
    assertResident("051231-2000007", true);
    // a wrong last digit: only where it is called one, since later ones have no checksum
    assertResident("000101-1000003", false);
    assertResident("주민등록번호: 000101-1000003", true);
    assertResident("Resident registration no. 0001011000003", true);
    // births of a time without checksums
    assertResident("900101-3000000", true);
    assertResident("9001013000000", false);
    // no day, no century
    assertResident("000231-1000000", false);
    assertResident("001301-1000000", false);
    assertResident("000101-9000000", false);
    assertThat(PiiFinder.mask("000101-1000002")).isEqualTo("******-*******");
  }

  private static void assertResident(String text, boolean one) {
    assertThat(PiiFinder.find(text).stream().map(PiiMatch::kind))
        .as(text)
        .isEqualTo(one ? List.of(PiiKind.KOREAN_RESIDENT_NUMBER) : List.of());
  }

  @Test
  void keysOfKnownProvidersAreFound() {
    String random = "Q7f2Kp9Zt4Lw8Xc1Vb6Nm3Rs5Yd0Hg2Jk7Ae4Ty";
    for (String key :
        List.of(
            "sk-" + random,
            "sk-proj-" + random,
            "AKIA" + "Q7F2KP9ZT4LW8XC1",
            "ghp_" + random.substring(0, 36),
            "glpat-" + random.substring(0, 20),
            "xoxb-" + "2718281828-" + random.substring(0, 24),
            "AIza" + random.substring(0, 35),
            "sk_live_" + random.substring(0, 24),
            "hf_" + random.substring(0, 34),
            "eyJ" + random + ".eyJ" + random + "." + random)) {
      assertFound(PiiKind.KEY, "export KEY=\"" + key + "\"", key);
      assertThat(PiiFinder.mask(key)).isEqualTo(key.substring(0, 4) + "***");
    }
  }

  @Test
  void aPrivateKeyIsFoundWhole() {
    String begin = "-----BEGIN " + "RSA PRIVATE KEY-----";
    String block = begin + "\nMIIEow==\n-----END " + "RSA PRIVATE KEY-----";
    assertFound(PiiKind.KEY, "a\n" + block + "\nb", block);
    assertFound(PiiKind.KEY, "a\n" + begin + "\nMIIE", begin + "\nMIIE");
    assertThat(PiiFinder.find("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"))
        .isEmpty();
  }

  @Test
  void whatIsCalledAKeyOrLooksRandomIsOne() {
    assertFound(PiiKind.KEY, "password: 'hG7!kq29Lm#x'", "hG7!kq29Lm#x");
    assertFound(PiiKind.KEY, "비밀번호는 hG7kq29LmPx4 입니다", "hG7kq29LmPx4");
    assertFound(PiiKind.KEY, "api_key=a8F3kL9mQ2xZ7", "a8F3kL9mQ2xZ7");
    assertFound(
        PiiKind.KEY,
        "use Q7f2Kp9Zt4Lw8Xc1Vb6Nm3Rs5Yd0Hg2J now",
        "Q7f2Kp9Zt4Lw8Xc1Vb6Nm3Rs5Yd0Hg2J");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "commit 7b315207e472702c440aca7aa07cd7db4a343bcd",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "API_KEY=YOUR_API_KEY_GOES_HERE_123",
        "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-your-openai-key-goes-here-0001",
        "AKIAIOSFODNN7EXAMPLE",
        "sk-learn-tutorial-for-beginners",
        "The password is case sensitive.",
        "token: string",
        "secret = os.environ['SECRET_KEY']",
        "the tokenizer of Llama-3.2-1B-Instruct",
        "convertUtf8ToUtf16StringBufferWithLength2",
        "https://host.cria/a/Q7f2Kp9Zt4Lw8Xc1Vb6Nm3Rs5Yd0Hg2J",
        "decode VGhpcyBpcyBhIHNlY3JldCBtZXNzYWdlIGZvciB5b3U",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"
            + "//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==",
        "sha512-Q7f2Kp9Zt4Lw8Xc1Vb6Nm3Rs5Yd0Hg2JQ7f2Kp9Zt4Lw8Xc1Vb6Nm3Rs5Yd0Hg2JQ7f2Kp9Zt4Lw8X==",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
      })
  void hashesIdsNamesAndPlaceholdersAreNoKeys(String text) {
    assertThat(PiiFinder.find(text)).isEmpty();
  }

  @Test
  void severalKindsStandInTheTextsOrder() {
    assertThat(
            PiiFinder.find("4111111111111111 jo@corp.cria 010-0000-1289 NO9386011117947").stream()
                .map(PiiMatch::kind))
        .containsExactly(PiiKind.PAYMENT_CARD, PiiKind.EMAIL, PiiKind.PHONE, PiiKind.IBAN);
  }

  /** A plain reading of the standards beside it: random numbers with and without their checks. */
  @Test
  void cardNumbersAreThoseWhosePlainSumFits() {
    SeededRandom random = new SeededRandom(6);
    for (int i = 0; i < 2000; i++) {
      StringBuilder digits = new StringBuilder("4");
      while (digits.length() < 16) {
        digits.append(random.nextInt(10));
      }
      int sum = 0;
      for (int at = 0; at < 16; at++) {
        int digit = digits.charAt(at) - '0';
        sum += at % 2 == 1 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
      }
      assertThat(PiiFinder.find(digits.toString()).isEmpty()).isEqualTo(sum % 10 != 0);
    }
  }

  @Test
  void longTextsOfAwkwardCharactersAreReadInTime() {
    List<String> awkward = new ArrayList<>();
    for (String piece : List.of("a", "1", "a.", "1 ", "+1", "@a.", "A1", "-----BEGIN ", "token ")) {
      awkward.add(piece.repeat(20_000));
    }
    awkward.forEach(text -> assertThat(PiiFinder.mask(text)).isEqualTo(text));
  }

  private static void assertFound(PiiKind kind, String text, String place) {
    List<PiiMatch> found = PiiFinder.find(text);
    assertThat(found.stream().map(PiiMatch::kind)).as(text).containsExactly(kind);
    assertThat(text.substring(found.get(0).start(), found.get(0).end())).isEqualTo(place);
  }
}
