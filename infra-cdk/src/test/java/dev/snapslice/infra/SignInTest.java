package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.infra.Synthesized.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** Who may sign in with a browser, and what Cognito and CloudFront are told of it. */
class SignInTest {
  private static final String SECRET =
      "arn:aws:secretsmanager:eu-west-1:123456789012:secret:company-AbCdEf";

  private static SnapsliceApp.Stacks with(Map<String, Object> choices) {
    App app = Synthesized.app(choices);
    return SnapsliceApp.build(app, Settings.from(app.getNode()));
  }

  private static String policies(List<Resource> resources) {
    return Synthesized.of(resources.stream(), "AWS::IAM::Policy").stream()
        .filter(policy -> policy.id().startsWith("SignIn"))
        .map(policy -> policy.at("/PolicyDocument/Statement").toString())
        .toList()
        .toString();
  }

  private static JsonNode variables(List<Resource> resources) {
    return Synthesized.of(resources.stream(), "AWS::Lambda::Function").stream()
        .filter(function -> function.at("/Handler").asText().contains("signin"))
        .findFirst()
        .orElseThrow()
        .at("/Environment/Variables");
  }

  @Test
  void nobody_signs_up_by_themselves_and_passwords_are_strong_with_a_second_factor() {
    Resource pool = Synthesized.the("AWS::Cognito::UserPool", "People");

    assertThat(pool.at("/AdminCreateUserConfig/AllowAdminCreateUserOnly").asBoolean()).isTrue();
    assertThat(pool.at("/Policies/PasswordPolicy").toString())
        .contains("\"MinimumLength\":14", "\"RequireSymbols\":true", "\"RequireNumbers\":true");
    assertThat(pool.at("/MfaConfiguration").asText()).isEqualTo("ON");
    assertThat(pool.at("/EnabledMfas").toString()).isEqualTo("[\"SOFTWARE_TOKEN_MFA\"]");
    assertThat(pool.at("/DeletionProtection").asText()).isEqualTo("ACTIVE");
    assertThat(pool.whole().path("DeletionPolicy").asText()).isEqualTo("Retain");
  }

  @Test
  void there_is_a_group_for_each_role() {
    assertThat(Synthesized.of("AWS::Cognito::UserPoolGroup"))
        .extracting(group -> group.at("/GroupName").asText())
        .containsExactlyInAnyOrder("snapslice-reader", "snapslice-writer", "snapslice-admin");
  }

  @Test
  void the_client_has_no_secret_gets_codes_alone_and_takes_no_password() {
    Resource client = Synthesized.the("AWS::Cognito::UserPoolClient", "SignIn");
    String distribution = Synthesized.the("AWS::CloudFront::Distribution", "Distribution").id();

    assertThat(client.at("/GenerateSecret").asBoolean()).isFalse();
    assertThat(client.at("/AllowedOAuthFlows").toString()).isEqualTo("[\"code\"]");
    assertThat(client.at("/AllowedOAuthScopes").toString()).isEqualTo("[\"openid\"]");
    assertThat(client.at("/ExplicitAuthFlows").toString())
        .isEqualTo("[\"ALLOW_REFRESH_TOKEN_AUTH\"]");
    assertThat(client.at("/CallbackURLs").toString()).contains(distribution, "/auth/callback");
    assertThat(client.at("/PreventUserExistenceErrors").asText()).isEqualTo("ENABLED");
  }

  @Test
  void the_function_knows_the_pool_and_touches_sessions_and_nothing_else() {
    JsonNode variables = variables(Synthesized.of("AWS::Lambda::Function"));

    assertThat(variables.path("SNAPSLICE_SIGN_IN_ISSUER").toString())
        .contains("https://cognito-idp.", "PeoplePool");
    assertThat(variables.path("SNAPSLICE_SIGN_IN_GROUPS_CLAIMS").asText())
        .isEqualTo("cognito:groups");
    assertThat(variables.path("SNAPSLICE_SIGN_IN_CREDENTIALS").asText()).isEqualTo("false");
    assertThat(policies(Synthesized.of("AWS::IAM::Policy")))
        .contains("credentials#sessions", "kms:GenerateMac")
        .doesNotContain("credentials#tokens", "Tracking", "Index", "s3:", "DeleteItem");
  }

  @Test
  void it_makes_tokens_and_access_keys_where_that_was_chosen() {
    List<Resource> ui =
        Synthesized.resources(Template.fromStack(with(Map.of("signInCredentials", "true")).ui()));

    assertThat(variables(ui).path("SNAPSLICE_SIGN_IN_CREDENTIALS").asText()).isEqualTo("true");
    assertThat(policies(ui)).contains("credentials#tokens", "credentials#access-keys");
  }

  @Test
  void a_company_answers_by_oidc_and_no_template_holds_the_secret() {
    SnapsliceApp.Stacks made =
        with(
            Map.of(
                "signInOidcIssuer", "https://login.example.com",
                "signInOidcClient", "snapslice",
                "signInOidcSecretArn", SECRET,
                "signInGroupsAttribute", "groups",
                "signInAdmins", "ML admins, Owners"));
    List<Resource> data = Synthesized.resources(Template.fromStack(made.data()));
    List<Resource> ui = Synthesized.resources(Template.fromStack(made.ui()));
    Resource company =
        Synthesized.of(data.stream(), "AWS::Cognito::UserPoolIdentityProvider").getFirst();
    Resource client = Synthesized.of(ui.stream(), "AWS::Cognito::UserPoolClient").getFirst();

    assertThat(company.at("/ProviderDetails/client_secret").asText())
        .isEqualTo("{{resolve:secretsmanager:%s:SecretString:::}}".formatted(SECRET));
    assertThat(company.at("/AttributeMapping").toString())
        .isEqualTo("{\"custom:groups\":\"groups\"}");
    assertThat(client.at("/SupportedIdentityProviders").toString()).isEqualTo("[\"Company\"]");
    assertThat(client.at("/WriteAttributes").toString()).isEqualTo("[\"custom:groups\"]");
    assertThat(variables(ui).path("SNAPSLICE_SIGN_IN_GROUPS_CLAIMS").asText())
        .isEqualTo("cognito:groups,custom:groups");
    assertThat(variables(ui).path("SNAPSLICE_SIGN_IN_ADMINS").asText())
        .isEqualTo("snapslice-admin,ML admins,Owners");
    assertThat(
            Annotations.fromStack(made.data())
                .findError("*", Match.stringLikeRegexp("AwsSolutions-.*")))
        .isEmpty();
  }

  @Test
  void a_company_answers_by_saml() {
    SnapsliceApp.Stacks made =
        with(Map.of("signInSamlMetadata", "https://login.example.com/metadata.xml"));

    Template.fromStack(made.data())
        .hasResourceProperties(
            "AWS::Cognito::UserPoolIdentityProvider",
            Match.objectLike(
                Map.of(
                    "ProviderType",
                    "SAML",
                    "ProviderDetails",
                    Match.objectLike(
                        Map.of("MetadataURL", "https://login.example.com/metadata.xml")))));
  }

  @Test
  void another_provider_stands_in_place_of_a_pool() {
    SnapsliceApp.Stacks made =
        with(Map.of("signInIssuer", "https://login.example.com", "signInClient", "c1"));
    List<Resource> ui = Synthesized.resources(Template.fromStack(made.ui()));

    Template.fromStack(made.data()).resourceCountIs("AWS::Cognito::UserPool", 0);
    assertThat(variables(ui).path("SNAPSLICE_SIGN_IN_ISSUER").asText())
        .isEqualTo("https://login.example.com");
    assertThat(variables(ui).path("SNAPSLICE_SIGN_IN_NAME_CLAIM").asText()).isEqualTo("sub");
  }

  @Test
  void without_it_nothing_of_it_is_there() {
    SnapsliceApp.Stacks made = with(Map.of("signIn", "false"));
    Template ui = Template.fromStack(made.ui());

    ui.resourceCountIs("AWS::CloudFront::Function", 0);
    ui.resourceCountIs("AWS::Cognito::UserPoolClient", 0);
    Template.fromStack(made.data()).resourceCountIs("AWS::Cognito::UserPool", 0);
  }

  @ParameterizedTest
  @CsvSource({
    "signInMfa, sometimes, want required",
    "signInHours, 48, want 1 to 24",
    "signInDomain, My Pages, want small letters",
    "signInIssuer, http://example.com, an https URL",
    "signInIssuer, https://example.com, signInClient is missing",
    "signInSamlMetadata, ftp://example.com, an https URL",
    "signInOidcIssuer, https://example.com, signInOidcSecretArn",
  })
  void refuses_what_it_cannot_use_and_says_why(String key, String value, String why) {
    App app = Synthesized.app(new HashMap<>(Map.of(key, value)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.from(app.getNode()))
        .withMessageContaining(why);
  }
}
