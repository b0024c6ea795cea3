package dev.snapslice.runtime.log;

import org.slf4j.Logger;
import org.slf4j.event.Level;
import software.amazon.lambda.powertools.logging.internal.LoggingManager;

/**
 * From which level on our own loggers write: powertools sets it from {@code POWERTOOLS_LOG_LEVEL}
 * or {@code AWS_LAMBDA_LOG_LEVEL}. Everybody else's write from WARN on. Thread-safe.
 */
public final class LogLevel implements LoggingManager {
  private static final String OURS = "dev.snapslice.";
  private static volatile Level level = Level.INFO;

  static boolean allows(String logger, Level asked) {
    Level least = logger.startsWith(OURS) ? level : Level.WARN;
    return asked.toInt() >= least.toInt();
  }

  @Override
  public void setLogLevel(Level chosen) {
    level = chosen;
  }

  @Override
  public Level getLogLevel(Logger logger) {
    return logger.getName().startsWith(OURS) ? level : Level.WARN;
  }
}
