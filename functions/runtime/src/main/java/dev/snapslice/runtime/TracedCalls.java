package dev.snapslice.runtime;

import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/** Shows every call to an AWS service in the trace of the invocation. */
final class TracedCalls implements ExecutionInterceptor {
  private static final ExecutionAttribute<Subsegment> SPAN = new ExecutionAttribute<>("span");

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    String service = attributes.getAttribute(SdkExecutionAttribute.SERVICE_NAME);
    attributes.putAttribute(SPAN, Subsegment.ofCall(service, TraceDaemon::send));
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    end(attributes, false);
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    end(attributes, true);
  }

  private static void end(ExecutionAttributes attributes, boolean failed) {
    Subsegment span = attributes.getAttribute(SPAN);
    if (span != null) {
      span.end(failed, attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME));
    }
  }
}
