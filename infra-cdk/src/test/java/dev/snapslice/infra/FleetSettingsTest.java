package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.App;

class FleetSettingsTest {
  private static FleetSettings of(Map<String, Object> choices) {
    return FleetSettings.from(App.Builder.create().context(choices).build().getNode());
  }

  @Test
  void is_small_internal_and_cheap_unless_told_otherwise() {
    FleetSettings settings = of(Map.of());

    assertThat(settings.minTasks()).isEqualTo(2);
    assertThat(settings.maxTasks()).isEqualTo(20);
    assertThat(settings.network()).isEqualTo(FleetSettings.Network.PUBLIC);
    assertThat(settings.entrance().internal()).isTrue();
    assertThat(settings.entrance().clients()).containsExactly(settings.cidr());
  }

  @Test
  void is_open_to_the_internet_with_a_certificate_unless_told_otherwise() {
    Map<String, Object> tls =
        Map.of(
            "proxyCertificateArn", "arn:aws:acm:eu-west-1:111111111111:certificate/a",
            "proxyDomain", "s3.example.com");

    assertThat(of(tls).entrance().internal()).isFalse();
    assertThat(of(tls).entrance().clients()).containsExactly("0.0.0.0/0");
  }

  @ParameterizedTest
  @CsvSource({
    "proxyNetwork, private, 'want public, endpoints or nat'",
    "proxyCpu, 1000, want one of",
    "proxyMinTasks, 0, want 1 or more",
    "proxyMaxTasks, 1, no less at most",
    "proxyInternal, false, want a proxyCertificateArn",
    "proxyCertificateArn, mine, the ARN of a certificate",
    "proxyHostedZoneId, Z1, proxyDomain is missing",
    "proxyDomain, https://s3.example.com, a domain",
    "proxyClients, everybody, a range of IPv4 addresses",
    "proxyZones, eu-west-1a, two or more",
  })
  void refuses_what_it_cannot_read_and_says_why(String key, String value, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(Map.of(key, value)))
        .withMessageContaining(why);
  }

  @Test
  void misses_jars_that_were_not_built() {
    FleetSettings settings = of(Map.of("proxyModule", "nowhere"));

    assertThatIllegalStateException().isThrownBy(settings::build).withMessageContaining("run mvn");
  }
}
