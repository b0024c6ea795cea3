package dev.snapslice.runtime.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;
import org.slf4j.spi.MDCAdapter;

/**
 * Writes a line of JSON to standard output for each event, which Lambda sends to CloudWatch Logs.
 * Thread-safe.
 */
final class JsonLogger extends LegacyAbstractLogger implements LoggingEventAware {
  private static final long serialVersionUID = 1L;
  private static final JsonFactory JSON = new JsonFactory();

  private final transient MDCAdapter context;

  JsonLogger(String name, MDCAdapter context) {
    this.name = name;
    this.context = context;
  }

  @Override
  public void log(LoggingEvent event) {
    List<KeyValuePair> pairs = Optional.ofNullable(event.getKeyValuePairs()).orElse(List.of());
    String message =
        MessageFormatter.basicArrayFormat(event.getMessage(), event.getArgumentArray());
    write(event.getLevel(), message, pairs, event.getThrowable());
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String pattern, Object[] arguments, Throwable cause) {
    write(level, MessageFormatter.basicArrayFormat(pattern, arguments), List.of(), cause);
  }

  private void write(Level level, String message, List<KeyValuePair> pairs, Throwable cause) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("timestamp", Instant.now().toString());
      json.writeStringField("level", level.toString());
      json.writeStringField("message", message);
      json.writeStringField("logger", name);
      writeContext(json);
      for (KeyValuePair pair : pairs) {
        json.writeFieldName(pair.key);
        writeValue(json, pair.value);
      }
      if (cause != null) {
        writeError(json, cause);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a log line cannot be written", e);
    }
    line.write('\n');
    // In one piece: Lambda takes each write for an event of its own.
    System.out.write(line.toByteArray(), 0, line.size());
    System.out.flush();
  }

  private void writeContext(JsonGenerator json) throws IOException {
    Map<String, String> values =
        Optional.ofNullable(context.getCopyOfContextMap()).orElse(Map.of());
    for (var value : values.entrySet()) {
      json.writeStringField(value.getKey(), value.getValue());
    }
  }

  private static void writeValue(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      case Boolean flag -> json.writeBoolean(flag);
      default -> json.writeString(value.toString());
    }
  }

  private static void writeError(JsonGenerator json, Throwable cause) throws IOException {
    StringWriter stack = new StringWriter();
    cause.printStackTrace(new PrintWriter(stack));
    json.writeObjectFieldStart("error");
    json.writeStringField("name", cause.getClass().getName());
    json.writeStringField("message", cause.getMessage());
    json.writeStringField("stack", stack.toString());
    json.writeEndObject();
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return JsonLogger.class.getName();
  }

  @Override
  public boolean isTraceEnabled() {
    return LogLevel.allows(name, Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return LogLevel.allows(name, Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return LogLevel.allows(name, Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return LogLevel.allows(name, Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return LogLevel.allows(name, Level.ERROR);
  }
}
