package dev.snapslice.mlflow.tracking;

import java.util.List;
import java.util.Map;

/** Parameters were logged that have other values already. */
final class ParamChangedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Run run;
  private final transient Map<String, String> params;
  private final transient List<String> changed;

  ParamChangedException(Run run, Map<String, String> params, List<String> changed) {
    super("a parameter has another value");
    this.run = run;
    this.params = params;
    this.changed = changed;
  }

  Run run() {
    return run;
  }

  /** What was logged. */
  Map<String, String> params() {
    return params;
  }

  /** The keys of those that differ. */
  List<String> changed() {
    return changed;
  }
}
