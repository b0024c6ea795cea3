package dev.snapslice.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.bucket.Setup.Addition;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.testing.Crash;
import dev.snapslice.core.testing.Moto;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.s3.model.LambdaFunctionConfiguration;
import software.amazon.awssdk.services.s3.model.NotificationConfiguration;
import software.amazon.awssdk.services.s3.model.NotificationConfigurationFilter;
import software.amazon.awssdk.services.s3.model.PutBucketNotificationConfigurationRequest;
import software.amazon.awssdk.services.s3.model.QueueConfiguration;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.TopicConfiguration;

class EnablingTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final Workplace place = new Workplace(MOTO);

  @Test
  void adds_our_queue_beside_the_notifications_of_others_and_takes_only_that_away() {
    place.versioned();
    addNotificationsOfOthers(
        Event.S3_OBJECT_TAGGING_PUT, Event.S3_OBJECT_ACL_PUT, Event.S3_OBJECT_RESTORE_POST);
    var before = notifications();
    place.wanted();

    place.enabling().enable(place.bucket);

    var enabled = notifications();
    assertThat(enabled.topicConfigurations()).isEqualTo(before.topicConfigurations());
    assertThat(enabled.lambdaFunctionConfigurations())
        .isEqualTo(before.lambdaFunctionConfigurations());
    assertThat(enabled.queueConfigurations()).containsAll(before.queueConfigurations()).hasSize(2);
    assertThat(enabled.queueConfigurations())
        .anySatisfy(ours -> {
          assertThat(ours.id()).isEqualTo("snapslice");
          assertThat(ours.queueArn()).isEqualTo(place.eventsArn);
          assertThat(ours.events())
              .containsExactly(
                  Event.S3_OBJECT_CREATED, Event.S3_OBJECT_REMOVED, Event.S3_LIFECYCLE_EXPIRATION);
        });
    assertThat(place.now().setup().added()).containsExactly(Addition.NOTIFICATION);
    assertThat(place.now().status()).isEqualTo(Status.BACKFILLING);
    assertThat(place.tasks()).containsExactly(new MaintenanceTask.Backfill(place.bucket));

    place.unwanted();
    place.enabling().disable(place.bucket);

    assertThat(notifications()).isEqualTo(before);
    assertThat(place.now().setup().added()).isEmpty();
    assertThat(place.now().status()).isEqualTo(Status.DISABLED);
    assertThat(place.index.exists(place.bucket)).isTrue();
  }

  private void addNotificationsOfOthers(Event toQueue, Event toTopic, Event toFunction) {
    createTopic();
    place.sqs.createQueue(r -> r.queueName("theirs-" + place.bucket));
    String others = place.eventsArn.replace("events-", "theirs-");
    NotificationConfigurationFilter filter =
        NotificationConfigurationFilter.builder()
            .key(k ->
                k.filterRules(
                    r -> r.name("prefix").value("in/"), r -> r.name("suffix").value(".jpg")))
            .build();
    NotificationConfiguration configuration =
        NotificationConfiguration.builder()
            .queueConfigurations(
                QueueConfiguration.builder()
                    .id("theirs")
                    .queueArn(others)
                    .events(toQueue)
                    .filter(filter)
                    .build())
            .topicConfigurations(
                TopicConfiguration.builder()
                    .id("topic")
                    .topicArn("arn:aws:sns:us-east-1:123456789012:topic")
                    .events(toTopic)
                    .build())
            .lambdaFunctionConfigurations(
                LambdaFunctionConfiguration.builder()
                    .id("function")
                    .lambdaFunctionArn("arn:aws:lambda:us-east-1:123456789012:function:theirs")
                    .events(toFunction)
                    .filter(filter)
                    .build())
            .build();
    place.s3.putBucketNotificationConfiguration(
        r -> r.bucket(place.bucket).notificationConfiguration(configuration));
  }

  /** S3 sends a test event to a topic, so it has to be there; we have no client for SNS. */
  private static void createTopic() {
    HttpRequest request =
        HttpRequest.newBuilder(MOTO.endpoint())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/sns/aws4_request")
            .POST(HttpRequest.BodyPublishers.ofString("Action=CreateTopic&Name=topic"))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      http.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private NotificationConfiguration notifications() {
    return notifications(place);
  }

  private static NotificationConfiguration notifications(Workplace place) {
    var now = place.s3.getBucketNotificationConfiguration(r -> r.bucket(place.bucket));
    return NotificationConfiguration.builder()
        .queueConfigurations(now.queueConfigurations())
        .topicConfigurations(now.topicConfigurations())
        .lambdaFunctionConfigurations(now.lambdaFunctionConfigurations())
        .eventBridgeConfiguration(now.eventBridgeConfiguration())
        .build();
  }

  @Test
  void goes_by_event_bridge_where_the_notifications_leave_no_room() {
    place.versioned();
    addNotificationsOfOthers(
        Event.S3_OBJECT_CREATED_PUT, Event.S3_OBJECT_REMOVED_DELETE, Event.S3_OBJECT_CREATED_COPY);
    var before = notifications();
    place.fault = EnablingTest::refusingOverlap;
    place.wanted();

    place.enabling().enable(place.bucket);

    Setup setup = place.now().setup();
    assertThat(setup.added()).containsExactly(Addition.RULE, Addition.EVENT_BRIDGE);
    assertThat(setup.warnings()).anySatisfy(w -> assertThat(w).contains("EventBridge"));
    assertThat(notifications().eventBridgeConfiguration()).isNotNull();
    assertThat(notifications().queueConfigurations()).isEqualTo(before.queueConfigurations());
    assertThat(rules()).hasSize(1);
    assertThat(place.eventBridge.listTargetsByRule(r -> r.rule(rules().getFirst())).targets())
        .singleElement()
        .satisfies(target -> assertThat(target.arn()).isEqualTo(place.eventsArn));

    place.unwanted();
    place.enabling().disable(place.bucket);

    assertThat(notifications()).isEqualTo(before);
    assertThat(rules()).isEmpty();
  }

  private List<String> rules() {
    String name = new Notifications(() -> place.eventBridge, place.eventsArn).rule(place.bucket);
    return place.eventBridge.listRules(r -> r.namePrefix(name)).rules().stream()
        .map(rule -> rule.name())
        .toList();
  }

  /** S3 as it answers where another notification takes the same events; moto does not. */
  private static S3Client refusingOverlap(S3Client s3) {
    return (S3Client)
        Proxy.newProxyInstance(
            S3Client.class.getClassLoader(),
            new Class<?>[] {S3Client.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("putBucketNotificationConfiguration")) {
                checkOverlap(arguments[0]);
              }
              try {
                return method.invoke(s3, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @SuppressWarnings("unchecked")
  private static void checkOverlap(Object argument) {
    var request = PutBucketNotificationConfigurationRequest.builder();
    ((Consumer<PutBucketNotificationConfigurationRequest.Builder>) argument).accept(request);
    boolean ours =
        request.build().notificationConfiguration().queueConfigurations().stream()
            .anyMatch(c -> c.id().equals("snapslice"));
    if (ours) {
      String message =
          "Configurations overlap. Configurations on the same bucket cannot share a"
              + " common event type.";
      throw S3Exception.builder()
          .statusCode(400)
          .message(message)
          .awsErrorDetails(
              AwsErrorDetails.builder().errorCode("InvalidArgument").errorMessage(message).build())
          .build();
    }
  }

  @Test
  void leaves_the_event_bridge_switch_on_where_it_was_on() {
    place.versioned();
    place.s3.putBucketNotificationConfiguration(r ->
        r.bucket(place.bucket).notificationConfiguration(n -> n.eventBridgeConfiguration(e -> {})));
    place.fault = EnablingTest::refusingOverlap;
    place.wanted();

    place.enabling().enable(place.bucket);
    place.unwanted();
    place.enabling().disable(place.bucket);

    assertThat(notifications().eventBridgeConfiguration()).isNotNull();
    assertThat(rules()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void goes_on_after_a_crash_at_any_call(boolean overlap, boolean withEffect) {
    int crashes = 0;
    for (boolean crashed = true; crashed; crashes++) {
      Workplace one = new Workplace(MOTO);
      one.fault = overlap ? EnablingTest::refusingOverlap : one.fault;
      var before = notifications(one);
      one.wanted();
      one.ahead = Workplace.SPREAD.plusMinutes(1).negated();
      crashed = crashes(one, crashes + 1, withEffect, () -> one.enabling().enable(one.bucket));

      one.enabling().enable(one.bucket);
      one.ahead = Duration.ofMinutes(1);
      one.enabling().enable(one.bucket);

      Bucket enabled = one.now();
      assertThat(enabled.status()).isEqualTo(Status.BACKFILLING);
      assertThat(enabled.setup().added())
          .containsExactlyInAnyOrderElementsOf(
              overlap
                  ? List.of(Addition.RULE, Addition.EVENT_BRIDGE)
                  : List.of(Addition.NOTIFICATION));
      assertThat(enabled.setup().warnings()).hasSize(overlap ? 2 : 1);
      assertThat(one.tasks()).contains(new MaintenanceTask.Backfill(one.bucket));
      var during = notifications(one);
      assertThat(during.queueConfigurations()).hasSize(overlap ? 0 : 1);
      assertThat(during.eventBridgeConfiguration() != null).isEqualTo(overlap);

      one.unwanted();
      crashes(one, crashes + 1, withEffect, () -> one.enabling().disable(one.bucket));
      one.enabling().disable(one.bucket);

      assertThat(one.now().status()).isEqualTo(Status.DISABLED);
      assertThat(one.now().setup().added()).isEmpty();
      assertThat(notifications(one)).isEqualTo(before);
    }
    assertThat(crashes).isGreaterThan(15);
  }

  private static boolean crashes(Workplace at, int call, boolean withEffect, Runnable program) {
    at.crash.at(call, withEffect);
    try {
      program.run();
      return false;
    } catch (Crash.CrashedException e) {
      return true;
    } finally {
      at.crash.restart();
    }
  }

  @Test
  void turns_versioning_on_where_it_was_suspended_and_lets_it_spread() {
    place.versioned();
    place.s3.putBucketVersioning(r ->
        r.bucket(place.bucket)
            .versioningConfiguration(v -> v.status(BucketVersioningStatus.SUSPENDED)));
    place.wanted();

    place.enabling().enable(place.bucket);

    assertThat(place.s3.getBucketVersioning(r -> r.bucket(place.bucket)).status())
        .isEqualTo(BucketVersioningStatus.ENABLED);
    assertThat(place.now().status()).isEqualTo(Status.SETTLING);
    assertThat(place.now().setup().warnings())
        .singleElement()
        .satisfies(w -> assertThat(w).contains("suspended"));

    place.ahead = Workplace.SPREAD.plusSeconds(1);
    place.enabling().enable(place.bucket);

    assertThat(place.now().status()).isEqualTo(Status.BACKFILLING);
  }

  @Test
  void warns_of_lifecycle_rules_that_remove_noncurrent_versions() {
    place.versioned();
    place.s3.putBucketLifecycleConfiguration(r ->
        r.bucket(place.bucket)
            .lifecycleConfiguration(l ->
                l.rules(
                    x ->
                        x.id("old")
                            .status("Enabled")
                            .filter(f -> f.prefix("logs/"))
                            .noncurrentVersionExpiration(n -> n.noncurrentDays(30)),
                    x ->
                        x.id("harmless")
                            .status("Enabled")
                            .filter(f -> f.prefix("tmp/"))
                            .expiration(e -> e.days(7)))));
    place.wanted();

    place.enabling().enable(place.bucket);

    assertThat(place.now().setup().warnings())
        .singleElement()
        .satisfies(w -> assertThat(w).contains("'old'").contains("30 days"));
    assertThat(place.now().setup().historyNote())
        .hasValueSatisfying(note -> assertThat(note).contains("for 30 days"));
  }

  @Test
  void says_what_to_do_about_a_bucket_that_is_not_there() {
    place.s3.deleteBucket(r -> r.bucket(place.bucket));
    place.wanted();

    place.enabling().enable(place.bucket);

    assertThat(place.now().status()).isEqualTo(Status.ENABLING);
    assertThat(place.now().progress().problem())
        .hasValueSatisfying(p -> assertThat(p).startsWith("There is no bucket"));
  }

  @Test
  void says_where_to_install_for_a_bucket_of_another_region() {
    String elsewhere = "elsewhere-" + place.bucket.substring(7);
    place.s3.createBucket(
        r -> r.bucket(elsewhere).createBucketConfiguration(c -> c.locationConstraint("eu-west-1")));
    place.catalog.put(
        Bucket.registered(
            elsewhere, new Location.OwnAccount(), Optional.empty(), place.clock.instant()));
    place.catalog.update(elsewhere, Bucket::enabling);

    place.enabling().enable(elsewhere);

    assertThat(place.catalog.require(elsewhere).progress().problem())
        .hasValueSatisfying(p -> assertThat(p).contains("eu-west-1"));
  }

  @Test
  void a_task_that_comes_late_does_nothing() {
    place.versioned();
    place.wanted();
    place.enabling().enable(place.bucket);
    place.unwanted();
    place.enabling().disable(place.bucket);

    place.enabling().enable(place.bucket);

    assertThat(place.now().status()).isEqualTo(Status.DISABLED);
    assertThat(notifications().queueConfigurations()).isEmpty();
  }
}
