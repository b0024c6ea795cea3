package dev.snapslice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What another Java process holds, as it and Linux tell. Thread-safe. */
record ProcessView(long pid) {
  private static final Pattern USED = Pattern.compile("total.* used (\\d+)K");

  /** States of TCP in {@code /proc/net/tcp}: ESTABLISHED, and CLOSE_WAIT. */
  private static final Set<String> CONNECTED = Set.of("01", "08");

  private static final int STATE = 3;
  private static final int INODE = 9;

  static ProcessView of(ProcessHandle process) {
    return new ProcessView(process.pid());
  }

  /** Used of the heap, garbage included, in MiB. */
  double heap() throws IOException {
    // One line for each generation, or one in all.
    String told = jcmd("GC.heap_info");
    return USED.matcher(told)
            .results()
            .mapToLong(used -> Long.parseLong(used.group(1)))
            .reduce(Long::sum)
            .orElseThrow(() -> new IOException("jcmd does not tell of a heap: " + told))
        / 1024.0;
  }

  /** Used of the heap once garbage is gone, in MiB. */
  double liveHeap() throws IOException {
    jcmd("GC.run");
    return heap();
  }

  private String jcmd(String command) throws IOException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                command)
            .start();
    try (InputStream output = jcmd.getInputStream()) {
      return new String(output.readAllBytes(), UTF_8);
    }
  }

  /** Memory in RAM, in MiB. */
  double resident() throws IOException {
    return Files.readAllLines(file("status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum()
        / 1024.0;
  }

  /** TCP connections that one side at least has not closed. */
  int connections() throws IOException {
    Set<String> own = sockets();
    long count =
        Stream.concat(lines("net/tcp"), lines("net/tcp6"))
            .map(line -> line.strip().split("\\s+"))
            .filter(fields -> CONNECTED.contains(fields[STATE]))
            .filter(fields -> own.contains("socket:[" + fields[INODE] + "]"))
            .count();
    return Math.toIntExact(count);
  }

  private Set<String> sockets() throws IOException {
    try (Stream<Path> descriptors = Files.list(file("fd"))) {
      return descriptors.map(ProcessView::target).collect(Collectors.toSet());
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed since it was listed
    }
  }

  private Stream<String> lines(String name) throws IOException {
    List<String> lines = Files.readAllLines(file(name));
    return lines.subList(1, lines.size()).stream();
  }

  private Path file(String name) {
    return Path.of("/proc", Long.toString(pid), name);
  }
}
