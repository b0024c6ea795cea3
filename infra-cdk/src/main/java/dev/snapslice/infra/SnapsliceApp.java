package dev.snapslice.infra;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import java.util.Optional;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Aspects;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.StackProps;

/** The CDK app: {@code cdk deploy --all} in {@code infra-cdk} installs Snapslice. */
public final class SnapsliceApp {
  private final Settings settings;
  private final Environment environment;

  /** The stacks, for those who look at what was made of them. */
  record Stacks(
      DataStack data,
      FunctionsStack functions,
      ApiStack api,
      MlflowStack mlflow,
      Optional<ProxyStack> proxy,
      UiStack ui,
      MonitoringStack monitoring) {}

  private SnapsliceApp(Settings settings) {
    this.settings = settings;
    this.environment =
        Environment.builder()
            .account(System.getenv("CDK_DEFAULT_ACCOUNT"))
            .region(System.getenv("CDK_DEFAULT_REGION"))
            .build();
  }

  /** Synthesizes the stacks; cdk-nag's findings stop {@code cdk deploy}. */
  public static void main(String[] arguments) {
    App app = App.Builder.create().analyticsReporting(false).build();
    build(app, Settings.from(app.getNode()));
    app.synth();
  }

  static Stacks build(App app, Settings settings) {
    var snapslice = new SnapsliceApp(settings);
    var data = new DataStack(app, snapslice.properties("Data", "tables, queues and key"), settings);
    var functions =
        new FunctionsStack(
            app, snapslice.properties("Functions", "ingest, maintenance, API"), settings, data);
    var api = new ApiStack(app, snapslice.properties("Api", "HTTP APIs"), settings, functions);
    var mlflow =
        new MlflowStack(app, snapslice.properties("Mlflow", "MLflow"), settings, data, functions);
    Optional<ProxyStack> proxy =
        settings
            .fleet()
            .map(fleet ->
                new ProxyStack(
                    app, snapslice.properties("Proxy", "read proxies"), settings, fleet, data));
    var ui =
        new UiStack(
            app,
            snapslice.properties("Ui", "MLflow's UI and address"),
            settings,
            data,
            mlflow,
            proxy);
    var monitoring =
        new MonitoringStack(
            app,
            snapslice.properties("Monitoring", "alarms and dashboard"),
            settings,
            new MonitoringStack.Watched(data, functions, api, mlflow, proxy, ui));
    Aspects.of(app).add(AwsSolutionsChecks.Builder.create().build());
    return new Stacks(data, functions, api, mlflow, proxy, ui, monitoring);
  }

  private StackProps properties(String part, String what) {
    return StackProps.builder()
        .stackName(settings.name() + "-" + part)
        .description("Snapslice: " + what)
        .env(environment)
        .terminationProtection(settings.protect())
        .build();
  }
}
