package dev.snapslice.infra;

import dev.snapslice.infra.PeopleSettings.Company;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.services.cognito.AccountRecovery;
import software.amazon.awscdk.services.cognito.AttributeMapping;
import software.amazon.awscdk.services.cognito.CfnUserPoolGroup;
import software.amazon.awscdk.services.cognito.CognitoDomainOptions;
import software.amazon.awscdk.services.cognito.Mfa;
import software.amazon.awscdk.services.cognito.MfaSecondFactor;
import software.amazon.awscdk.services.cognito.PasswordPolicy;
import software.amazon.awscdk.services.cognito.ProviderAttribute;
import software.amazon.awscdk.services.cognito.StringAttribute;
import software.amazon.awscdk.services.cognito.UserPool;
import software.amazon.awscdk.services.cognito.UserPoolClientIdentityProvider;
import software.amazon.awscdk.services.cognito.UserPoolDomain;
import software.amazon.awscdk.services.cognito.UserPoolIdentityProviderOidc;
import software.amazon.awscdk.services.cognito.UserPoolIdentityProviderSaml;
import software.amazon.awscdk.services.cognito.UserPoolIdentityProviderSamlMetadata;
import software.constructs.Construct;

/** Who may sign in: a user pool that an administrator fills, or a company's directory behind it. */
final class People extends Construct {
  private static final String COMPANY = "Company";
  private static final int LONGEST_GROUPS = 2048;

  private final UserPool pool;

  People(
      Construct scope,
      String id,
      String domain,
      PeopleSettings settings,
      boolean protect,
      RemovalPolicy removal) {
    super(scope, id);
    pool =
        UserPool.Builder.create(this, "Pool")
            .selfSignUpEnabled(false)
            .signInCaseSensitive(false)
            .passwordPolicy(
                PasswordPolicy.builder()
                    .minLength(14)
                    .requireLowercase(true)
                    .requireUppercase(true)
                    .requireDigits(true)
                    .requireSymbols(true)
                    .tempPasswordValidity(Duration.days(3))
                    .build())
            .mfa(settings.mfa())
            .mfaSecondFactor(
                settings.mfa() == Mfa.OFF
                    ? null
                    : MfaSecondFactor.builder().otp(true).sms(false).build())
            .accountRecovery(AccountRecovery.EMAIL_ONLY)
            .customAttributes(
                Map.of(
                    PeopleSettings.GROUPS_ATTRIBUTE,
                    StringAttribute.Builder.create().maxLen(LONGEST_GROUPS).mutable(true).build()))
            .deletionProtection(protect)
            .removalPolicy(removal)
            .build();
    Reasons.accept(
        pool,
        "AwsSolutions-COG3",
        "Threat protection is of Cognito's plan Plus, by the user: it is for the owner to choose.");
    Reasons.accept(
        pool, "AwsSolutions-COG8", "The plan Plus is by the user: it is for the owner to choose.");
    if (settings.mfa() != Mfa.REQUIRED) {
      Reasons.accept(pool, "AwsSolutions-COG2", "The owner chose so, by signInMfa.");
    }
    for (String group : PeopleSettings.GROUPS) {
      CfnUserPoolGroup.Builder.create(this, group)
          .userPoolId(pool.getUserPoolId())
          .groupName(group)
          .description("Snapslice: who is in it has that role")
          .build();
    }
    settings.company().ifPresent(this::ask);
    UserPoolDomain pages =
        pool.addDomain(
            "Pages",
            software.amazon.awscdk.services.cognito.UserPoolDomainOptions.builder()
                .cognitoDomain(
                    CognitoDomainOptions.builder()
                        .domainPrefix(settings.domain().orElse(domain + "-" + Aws.ACCOUNT_ID))
                        .build())
                .build());
    CfnOutput.Builder.create(scope, "SignInPool")
        .description("Cognito user pool of people who sign in to MLflow")
        .value(pool.getUserPoolId())
        .build();
    CfnOutput.Builder.create(scope, "SignInPages")
        .description("where they sign in; a company's directory answers below it")
        .value(pages.baseUrl())
        .build();
  }

  private void ask(Company company) {
    AttributeMapping mapping =
        company
            .groups()
            .map(groups ->
                AttributeMapping.builder()
                    .custom(
                        Map.of(
                            "custom:" + PeopleSettings.GROUPS_ATTRIBUTE,
                            ProviderAttribute.other(groups)))
                    .build())
            .orElse(null);
    switch (company) {
      case Company.Saml saml ->
          UserPoolIdentityProviderSaml.Builder.create(this, COMPANY)
              .userPool(pool)
              .name(COMPANY)
              .metadata(UserPoolIdentityProviderSamlMetadata.url(saml.metadata()))
              .attributeMapping(mapping)
              .build();
      case Company.Oidc oidc ->
          UserPoolIdentityProviderOidc.Builder.create(this, COMPANY)
              .userPool(pool)
              .name(COMPANY)
              .issuerUrl(oidc.issuer())
              .clientId(oidc.client())
              // A reference that CloudFormation follows: the secret stands in no template.
              .clientSecret(SecretValue.secretsManager(oidc.secret()).unsafeUnwrap())
              .scopes(List.of("openid"))
              .attributeMapping(mapping)
              .build();
    }
  }

  UserPool pool() {
    return pool;
  }

  /** Whom the pool's pages offer to ask. */
  static List<UserPoolClientIdentityProvider> providers(Optional<Company> company) {
    return company
        .map(known -> List.of(UserPoolClientIdentityProvider.custom(COMPANY)))
        .orElse(List.of(UserPoolClientIdentityProvider.COGNITO));
  }
}
