package dev.snapslice.signin;

import java.util.regex.Pattern;

/**
 * Where a browser goes when its session has begun: a place within the UI's one page. Whatever else
 * was asked for leads to the page's beginning.
 */
record ReturnPath(String text) {
  private static final Pattern FORM =
      Pattern.compile("/(#/[\\w\\-.~!$&()*+,;=:@/?%\\[\\]]{0,1000})?");
  private static final ReturnPath HOME = new ReturnPath("/");

  ReturnPath {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("no place within the page");
    }
  }

  static ReturnPath parse(String text) {
    return FORM.matcher(text).matches() ? new ReturnPath(text) : HOME;
  }
}
