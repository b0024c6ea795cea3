package dev.snapslice.infra;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.AlarmStatusWidget;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.dynamodb.Table;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.sns.subscriptions.EmailSubscription;

/** Who is told when something goes wrong, and where to look then. */
final class MonitoringStack extends Stack {
  /** Of the metrics that the functions write. */
  static final String NAMESPACE = "Snapslice";

  /** How many keys' histories a reconcile found different from S3's. */
  static final String DRIFT = "ReconcileDrift";

  private final Topic topic;
  private final List<Alarm> alarms = new ArrayList<>();

  /** The stacks that are looked after. */
  record Watched(
      DataStack data,
      FunctionsStack functions,
      ApiStack api,
      MlflowStack mlflow,
      Optional<ProxyStack> proxy,
      UiStack ui) {

    List<LiveFunction> allFunctions() {
      List<LiveFunction> all = new ArrayList<>(functions.functions());
      all.addAll(mlflow.functions());
      ui.function().ifPresent(all::add);
      return all;
    }
  }

  MonitoringStack(App app, StackProps properties, Settings settings, Watched watched) {
    super(app, "Monitoring", properties);
    topic = topic(settings);
    watch("Events", watched.data().events(), Duration.minutes(5));
    watch("Tasks", watched.data().tasks(), Duration.hours(2));
    watch("Webhooks", watched.data().webhooks(), Duration.hours(2));
    watched.allFunctions().forEach(this::watch);
    watch("Index", watched.data().index());
    watch("Catalog", watched.data().catalog());
    watch("Tracking", watched.data().tracking());
    watched.api().apis().forEach(this::watch);
    watched.mlflow().apis().forEach(this::watch);
    watched.proxy().ifPresent(this::watch);
    alarm("ReconcileDrift", drift(), 0, 1, "A reconcile found history that differs from S3's");
    dashboard(settings, watched);
    CfnOutput.Builder.create(this, "AlarmTopic")
        .description("SNS topic that alarms go to")
        .value(topic.getTopicArn())
        .build();
  }

  private Topic topic(Settings settings) {
    Topic made = Topic.Builder.create(this, "Alarms").enforceSsl(true).build();
    made.addToResourcePolicy(
        PolicyStatement.Builder.create()
            .sid("Alarms")
            .principals(List.of(new ServicePrincipal("cloudwatch.amazonaws.com")))
            .actions(List.of("sns:Publish"))
            .resources(List.of(made.getTopicArn()))
            .conditions(Map.of("StringEquals", Map.of("aws:SourceAccount", getAccount())))
            .build());
    settings.alarmEmail().ifPresent(to -> made.addSubscription(new EmailSubscription(to)));
    return made;
  }

  private void watch(String name, DeadLetteredQueue queue, Duration patience) {
    alarm(
        name + "DeadLetters",
        depth(queue),
        0,
        1,
        "Messages failed five times: see their cause in the logs, then ./snapslice redrive");
    alarm(
        name + "Age", age(queue), patience.toSeconds().doubleValue(), 3, "Messages wait too long");
  }

  private void watch(LiveFunction function) {
    String name = function.function().getNode().getScope().getNode().getId();
    alarm(name + "Errors", sum(function.function().metricErrors()), 0, 2, "Runs fail");
    alarm(name + "Throttles", sum(function.function().metricThrottles()), 0, 3, "Runs are refused");
    alarm(
        name + "Duration",
        duration(function),
        0.8 * function.timeout().toMilliseconds().doubleValue(),
        3,
        "Runs come near to their timeout");
  }

  private void watch(String name, Table table) {
    alarm(name + "Throttles", throttles(table), 0, 5, "DynamoDB refuses requests");
  }

  private void watch(String name, RestApi api) {
    alarm(name + "ServerErrors", sum(api.api().metricServerError()), 0, 3, "The API answers 5xx");
  }

  /** A balancer that passes bytes on sees no status; what it sees is connections that are reset. */
  private void watch(ProxyStack proxy) {
    alarm("ProxyUnhealthy", unhealthy(proxy), 0, 3, "A read proxy does not answer");
    alarm("ProxyResets", resets(proxy), 100, 5, "Read proxies break connections off");
    alarm(
        "ProxyProcessors",
        proxy.service().metricCpuUtilization(everyMinute("Average", "processors")),
        85,
        10,
        "Read proxies are busy, and no more are allowed: raise proxyMaxTasks");
    alarm(
        "ProxyMemory",
        proxy.service().metricMemoryUtilization(everyMinute("Maximum", "memory")),
        90,
        5,
        "A read proxy has hardly any memory left");
  }

  /** Goes off when the metric is above a threshold for some minutes on end. */
  private void alarm(String id, IMetric metric, double above, int minutes, String meaning) {
    Alarm alarm =
        Alarm.Builder.create(this, id)
            .metric(metric)
            .threshold(above)
            .evaluationPeriods(minutes)
            .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
            .treatMissingData(TreatMissingData.NOT_BREACHING)
            .alarmDescription("Snapslice: " + meaning)
            .build();
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    alarms.add(alarm);
  }

  private void dashboard(Settings settings, Watched watched) {
    DataStack data = watched.data();
    List<LiveFunction> functions = watched.allFunctions();
    List<List<IWidget>> rows = new ArrayList<>();
    rows.addAll(
        List.of(
            List.of(
                AlarmStatusWidget.Builder.create()
                    .title("Alarms")
                    .alarms(alarms)
                    .width(24)
                    .build()),
            List.of(
                graph(
                    "Age of the oldest message",
                    age(data.events()),
                    age(data.tasks()),
                    age(data.webhooks())),
                graph(
                    "Dead letters",
                    depth(data.events()),
                    depth(data.tasks()),
                    depth(data.webhooks())),
                graph("Reconcile drift", drift())),
            List.of(
                graph("Runs", functions, f -> sum(f.function().metricInvocations())),
                graph("Errors", functions, f -> sum(f.function().metricErrors())),
                graph("Duration, p99", functions, MonitoringStack::duration)),
            List.of(
                graph(
                    "Throttled by DynamoDB",
                    throttles(data.index()),
                    throttles(data.catalog()),
                    throttles(data.tracking())),
                capacity("Index", data.index()),
                capacity("MLflow", data.tracking())),
            List.of(
                requests("REST API", watched.api().apis()),
                requests("MLflow", watched.mlflow().apis()))));
    watched.proxy().ifPresent(proxy -> rows.add(row(proxy)));
    Dashboard.Builder.create(this, "Dashboard")
        .dashboardName(settings.name())
        .widgets(rows)
        .build();
  }

  private static List<IWidget> row(ProxyStack proxy) {
    return List.of(
        graph(
            "Read proxies: how busy, in %",
            proxy.service().metricCpuUtilization(everyMinute("Average", "processors")),
            proxy.service().metricMemoryUtilization(everyMinute("Maximum", "memory"))),
        graph(
            "Read proxies: bytes a minute",
            sum(proxy.entrance().balancer().getMetrics().processedBytes())),
        graph(
            "Read proxies: connections, resets, not answering",
            proxy.entrance().balancer().getMetrics().activeFlowCount(),
            resets(proxy),
            unhealthy(proxy)));
  }

  private static IWidget capacity(String name, Table table) {
    return graph(
        name + ": write and read capacity",
        table.metricConsumedWriteCapacityUnits(),
        table.metricConsumedReadCapacityUnits());
  }

  private static IWidget requests(String name, Map<String, RestApi> apis) {
    return graph(
        name + ": requests, 4xx, 5xx",
        apis.values().stream()
            .map(RestApi::api)
            .flatMap(api ->
                Stream.of(api.metricCount(), api.metricClientError(), api.metricServerError()))
            .map(MonitoringStack::sum)
            .toArray(IMetric[]::new));
  }

  private static IMetric unhealthy(ProxyStack proxy) {
    return proxy
        .entrance()
        .targets()
        .getMetrics()
        .unHealthyHostCount(everyMinute("Maximum", "unhealthy"));
  }

  private static IMetric resets(ProxyStack proxy) {
    return proxy
        .entrance()
        .balancer()
        .getMetrics()
        .tcpTargetResetCount(everyMinute("Sum", "resets"));
  }

  private static IWidget graph(String title, IMetric... metrics) {
    return GraphWidget.Builder.create().title(title).left(List.of(metrics)).width(8).build();
  }

  private static IWidget graph(
      String title,
      List<LiveFunction> functions,
      java.util.function.Function<LiveFunction, IMetric> metric) {
    return graph(title, functions.stream().map(metric).toArray(IMetric[]::new));
  }

  private static IMetric age(DeadLetteredQueue queue) {
    return queue
        .queue()
        .metricApproximateAgeOfOldestMessage(everyMinute("Maximum", queue.getNode().getId()));
  }

  private static IMetric depth(DeadLetteredQueue queue) {
    return queue
        .deadLetters()
        .metricApproximateNumberOfMessagesVisible(everyMinute("Maximum", queue.getNode().getId()));
  }

  private static IMetric duration(LiveFunction function) {
    return function.function().metricDuration(everyMinute("p99", function.name()));
  }

  private static IMetric throttles(Table table) {
    return Metric.Builder.create()
        .namespace("AWS/DynamoDB")
        .metricName("ThrottledRequests")
        .dimensionsMap(Map.of("TableName", table.getTableName()))
        .statistic("Sum")
        .period(Duration.minutes(1))
        .label(table.getNode().getId())
        .build();
  }

  private static IMetric drift() {
    return Metric.Builder.create()
        .namespace(NAMESPACE)
        .metricName(DRIFT)
        .dimensionsMap(Map.of("service", "tasks"))
        .statistic("Sum")
        .period(Duration.minutes(1))
        .build();
  }

  private static MetricOptions everyMinute(String statistic, String label) {
    return MetricOptions.builder()
        .statistic(statistic)
        .period(Duration.minutes(1))
        .label(label)
        .build();
  }

  private static Metric sum(Metric metric) {
    return metric.with(
        MetricOptions.builder().statistic("Sum").period(Duration.minutes(1)).build());
  }
}
