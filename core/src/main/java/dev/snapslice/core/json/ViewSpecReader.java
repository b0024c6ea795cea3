package dev.snapslice.core.json;

import com.fasterxml.jackson.databind.util.StdConverter;
import dev.snapslice.core.time.ViewSpec;

/** Reads a view spec from the text that its {@code toString} wrote. */
public final class ViewSpecReader extends StdConverter<String, ViewSpec> {
  @Override
  public ViewSpec convert(String text) {
    return ViewSpec.parse(text);
  }
}
