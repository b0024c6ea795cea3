package dev.snapslice.signin;

import dev.snapslice.core.access.Role;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which groups of the provider's are which role.
 *
 * @param claims that name the groups of who signs in
 */
record RoleGroups(
    List<String> claims, List<String> readers, List<String> writers, List<String> admins) {

  /** The highest role that somebody's groups give; empty if none of them does. */
  Optional<Role> role(Map<String, Object> said) {
    Set<String> theirs = new HashSet<>();
    claims.forEach(claim -> theirs.addAll(names(said.get(claim))));
    if (theirs.stream().anyMatch(admins::contains)) {
      return Optional.of(Role.ADMIN);
    }
    if (theirs.stream().anyMatch(writers::contains)) {
      return Optional.of(Role.WRITER);
    }
    return theirs.stream().anyMatch(readers::contains)
        ? Optional.of(Role.READER)
        : Optional.empty();
  }

  /** Cognito keeps a list that comes by SAML or OIDC as a text: {@code [one, two]}. */
  private static List<String> names(Object claim) {
    return switch (claim) {
      case Collection<?> many -> many.stream().map(Object::toString).toList();
      case String text when text.startsWith("[") && text.endsWith("]") ->
          Arrays.stream(text.substring(1, text.length() - 1).split(",", -1))
              .map(String::strip)
              .toList();
      case String text -> List.of(text);
      case null, default -> List.of();
    };
  }
}
