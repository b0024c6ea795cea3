package dev.snapslice.infra;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.amazon.awscdk.services.cloudfront.AddBehaviorOptions;
import software.amazon.awscdk.services.cloudfront.AllowedMethods;
import software.amazon.awscdk.services.cloudfront.BehaviorOptions;
import software.amazon.awscdk.services.cloudfront.CachePolicy;
import software.amazon.awscdk.services.cloudfront.Distribution;
import software.amazon.awscdk.services.cloudfront.HeadersFrameOption;
import software.amazon.awscdk.services.cloudfront.HeadersReferrerPolicy;
import software.amazon.awscdk.services.cloudfront.HttpVersion;
import software.amazon.awscdk.services.cloudfront.IOrigin;
import software.amazon.awscdk.services.cloudfront.OriginProtocolPolicy;
import software.amazon.awscdk.services.cloudfront.OriginRequestPolicy;
import software.amazon.awscdk.services.cloudfront.OriginSslPolicy;
import software.amazon.awscdk.services.cloudfront.ResponseHeadersContentSecurityPolicy;
import software.amazon.awscdk.services.cloudfront.ResponseHeadersContentTypeOptions;
import software.amazon.awscdk.services.cloudfront.ResponseHeadersFrameOptions;
import software.amazon.awscdk.services.cloudfront.ResponseHeadersPolicy;
import software.amazon.awscdk.services.cloudfront.ResponseHeadersReferrerPolicy;
import software.amazon.awscdk.services.cloudfront.ResponseHeadersStrictTransportSecurity;
import software.amazon.awscdk.services.cloudfront.ResponseSecurityHeadersBehavior;
import software.amazon.awscdk.services.cloudfront.SecurityPolicyProtocol;
import software.amazon.awscdk.services.cloudfront.ViewerProtocolPolicy;
import software.amazon.awscdk.services.cloudfront.origins.HttpOrigin;

/** MLflow under one address: its UI's files, its API, and the fleet that has the artifacts. */
final class UiStack extends Stack {
  /** The paths of artifacts, whose bytes no function takes. */
  static final List<String> ARTIFACTS =
      List.of(
          "/api/2.0/mlflow-artifacts/artifacts/*", "/ajax-api/2.0/mlflow-artifacts/artifacts/*");

  /** Whatever else is no file of the UI. */
  static final List<String> API =
      List.of(
          "/api/*",
          "/ajax-api/*",
          "/graphql",
          "/v1/traces",
          "/get-artifact",
          "/model-versions/get-artifact",
          "/auth/*",
          "/health",
          "/version");

  /** The longest that CloudFront waits for an origin's answer, without asking AWS for more. */
  private static final Duration PATIENCE = Duration.seconds(60);

  private final ResponseHeadersPolicy headers;
  private final Optional<SessionEdge> edge;
  private final Optional<SignIn> signIn;

  UiStack(
      App app,
      StackProps properties,
      Settings settings,
      DataStack data,
      MlflowStack mlflow,
      Optional<ProxyStack> proxy) {
    super(app, "Ui", properties);
    // CDK lets its function depend on its role twice, by name and for the role's policy; W3005
    // minds.
    getTemplateOptions()
        .setMetadata(
            Map.of("cfn-lint", Map.of("config", Map.of("ignore_checks", List.of("W3005")))));
    headers = headers();
    edge = settings.people().map(people -> new SessionEdge(this, "Edge"));
    Distribution distribution = distribution(settings);
    proxy
        .flatMap(fleet -> fleet.entrance().publicDomain())
        .ifPresent(domain -> lead(distribution, ARTIFACTS, origin(domain)));
    RestApi api = mlflow.apis().get("MlflowTokens");
    // https://ID.execute-api.REGION.amazonaws.com/
    lead(distribution, API, origin(Fn.select(2, Fn.split("/", api.url()))));
    String address =
        "https://"
            + settings
                .ui()
                .address()
                .map(Settings.Address::domain)
                .orElseGet(distribution::getDistributionDomainName);
    signIn =
        settings
            .people()
            .map(people -> new SignIn(this, "SignIn", address, settings, people, data, api.api()));
    CfnOutput.Builder.create(this, "MlflowUiUrl")
        .description("MLflow in a browser, and MLFLOW_TRACKING_URI for artifacts of any size")
        .value(address)
        .build();
  }

  private Distribution distribution(Settings settings) {
    UiFiles files = new UiFiles(this, "Files", settings.uiFiles());
    var distribution =
        Distribution.Builder.create(this, "Distribution")
            .comment("Snapslice: MLflow")
            .defaultRootObject("index.html")
            .httpVersion(HttpVersion.HTTP2_AND_3)
            .minimumProtocolVersion(SecurityPolicyProtocol.TLS_V1_2_2021)
            .defaultBehavior(
                BehaviorOptions.builder()
                    .origin(files.origin())
                    .viewerProtocolPolicy(ViewerProtocolPolicy.REDIRECT_TO_HTTPS)
                    .cachePolicy(CachePolicy.CACHING_OPTIMIZED)
                    .responseHeadersPolicy(headers)
                    .functionAssociations(edge.map(SessionEdge::page).orElse(List.of()))
                    .build());
    settings
        .ui()
        .address()
        .ifPresent(address ->
            distribution
                .domainNames(List.of(address.domain()))
                .certificate(
                    Certificate.fromCertificateArn(this, "Certificate", address.certificate())));
    Distribution made = distribution.build();
    Reasons.accept(
        made, "AwsSolutions-CFR1", "Who may come is decided by sign-in, and not by country.");
    Reasons.accept(
        made,
        "AwsSolutions-CFR2",
        "The API is throttled, and lets nobody in without a token: a firewall is for the owner to add.");
    Reasons.accept(
        made,
        "AwsSolutions-CFR3",
        "It would write down queries, and so names and filters; API and fleet log who asks for what.");
    if (settings.ui().address().isEmpty()) {
      Reasons.accept(
          made,
          "AwsSolutions-CFR4",
          "cloudfront.net has a certificate of its own, whose protocols nobody chooses; mlflowDomain"
              + " brings TLS 1.2.");
    }
    return made;
  }

  private void lead(Distribution distribution, List<String> paths, IOrigin origin) {
    for (String path : paths) {
      distribution.addBehavior(
          path,
          origin,
          AddBehaviorOptions.builder()
              // A token that comes in the clear is lost before it is sent on: no redirect hides
              // that.
              .viewerProtocolPolicy(ViewerProtocolPolicy.HTTPS_ONLY)
              .allowedMethods(AllowedMethods.ALLOW_ALL)
              .cachePolicy(CachePolicy.CACHING_DISABLED)
              .originRequestPolicy(OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER)
              .responseHeadersPolicy(headers)
              .functionAssociations(edge.map(SessionEdge::session).orElse(List.of()))
              .build());
    }
  }

  private static HttpOrigin origin(String domain) {
    return HttpOrigin.Builder.create(domain)
        .protocolPolicy(OriginProtocolPolicy.HTTPS_ONLY)
        .originSslProtocols(List.of(OriginSslPolicy.TLS_V1_2))
        .readTimeout(PATIENCE)
        .build();
  }

  /** As MLflow's server sends them, and what keeps a browser to TLS. */
  private ResponseHeadersPolicy headers() {
    return ResponseHeadersPolicy.Builder.create(this, "Headers")
        .comment("Snapslice: MLflow")
        .securityHeadersBehavior(
            ResponseSecurityHeadersBehavior.builder()
                .contentTypeOptions(
                    ResponseHeadersContentTypeOptions.builder().override(true).build())
                .frameOptions(
                    ResponseHeadersFrameOptions.builder()
                        .frameOption(HeadersFrameOption.SAMEORIGIN)
                        .override(true)
                        .build())
                .contentSecurityPolicy(
                    ResponseHeadersContentSecurityPolicy.builder()
                        .contentSecurityPolicy("frame-ancestors 'self'")
                        .override(true)
                        .build())
                .referrerPolicy(
                    ResponseHeadersReferrerPolicy.builder()
                        .referrerPolicy(HeadersReferrerPolicy.SAME_ORIGIN)
                        .override(true)
                        .build())
                .strictTransportSecurity(
                    ResponseHeadersStrictTransportSecurity.builder()
                        .accessControlMaxAge(Duration.days(365))
                        .includeSubdomains(false)
                        .override(true)
                        .build())
                .build())
        .build();
  }

  /** The function by which people sign in, if they do. */
  Optional<LiveFunction> function() {
    return signIn.map(SignIn::function);
  }
}
