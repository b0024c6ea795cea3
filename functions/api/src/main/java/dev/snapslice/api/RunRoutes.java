package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.api.Views.View;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.ResourceKind;
import dev.snapslice.core.run.RunInputs.Input;
import dev.snapslice.core.run.SeenView;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which versions of objects runs have read, and so what a version of a model was trained on: for
 * each dataset that was logged with a source in a view, the view as the index has it. Asked of
 * those who may ask MLflow.
 */
final class RunRoutes {
  private static final int MOST_INPUTS = 100;
  private static final int LONGEST_NAME = 500;

  private final Domain domain;
  private final Views views;

  RunRoutes(Domain domain, Views views) {
    this.domain = domain;
    this.views = views;
  }

  Map<String, Route> routes() {
    return Map.of(
        "GET /v1/runs/{run}/inputs", this::ofRun,
        "GET /v1/model-versions/inputs", this::ofVersion);
  }

  private Answer ofRun(Request request) {
    check(request);
    return inputs(request, request.path("run"));
  }

  private Answer ofVersion(Request request) {
    check(request);
    String model = request.required("name");
    int version = request.query("version", 0, 1, 999_999_999);
    if (model.isEmpty() || model.length() > LONGEST_NAME || version == 0) {
      throw Problem.invalid("want a name of a registered model and a version's number");
    }
    String run =
        domain
            .inputs()
            .trainedBy(model, version)
            .orElseThrow(() -> Problem.notFound("there is no such version, or no run made it"));
    return inputs(request, run);
  }

  private static void check(Request request) {
    request.caller().checkMlflow(Role.READER);
  }

  /** What one may not read in MLflow is not there. */
  private boolean isReadBy(Caller caller, String run) {
    Access access = domain.permissions().of(caller);
    return access.everywhere(ResourceKind.EXPERIMENT, Permission.READ)
        || domain
            .experiments()
            .of(run)
            .filter(id -> domain.permissions().mayIn(id, Permission.READ, access))
            .isPresent();
  }

  private Answer inputs(Request request, String run) {
    Instant moment =
        Optional.of(run)
            .filter(id -> id.matches("[0-9a-f]{32}"))
            .filter(id -> isReadBy(request.caller(), id))
            .flatMap(domain.runs()::get)
            .orElseThrow(() -> Problem.notFound("there is no such run"));
    List<Input> all = domain.inputs().of(run);
    Position start = Position.read(request, run);
    int limit = request.query("limit", ListRequest.MAX_LIMIT, 1, ListRequest.MAX_LIMIT);
    return Answer.page(limit, many -> page(request.caller(), run, moment, all, start, many));
  }

  private Answer page(
      Caller caller, String run, Instant moment, List<Input> all, Position start, int limit) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("run", run);
    body.put("moment", Rendered.time(moment));
    ArrayNode shown = body.putArray("inputs");
    int left = limit;
    for (Input input : all) {
      if (input.id().compareTo(start.input()) < 0) {
        continue;
      }
      if (left == 0 || shown.size() == MOST_INPUTS) {
        body.put("next", new Position(input.id(), Cursor.START).token(run));
        break;
      }
      Cursor cursor = input.id().equals(start.input()) ? start.cursor() : Cursor.START;
      SeenView seen = input.view();
      View view = views.of(caller, seen);
      ListPage page = objects(views.objects(view), seen, cursor, left);
      left -= page.items().size();
      shown.add(render(input, view, page));
      if (page.next().isPresent()) {
        body.put("next", new Position(input.id(), page.next().get()).token(run));
        break;
      }
    }
    return Answer.json(200, body);
  }

  /** A path names one object, as a file system would see it, or else all that is below it. */
  private static ListPage objects(ObjectView view, SeenView seen, Cursor cursor, int limit) {
    Optional<Version> object = cursor.equals(Cursor.START) ? object(view, seen) : Optional.empty();
    if (object.filter(version -> version.size() > 0).isPresent()) {
      return one(object.get());
    }
    if (tooLong(seen.prefix())) {
      return object.map(RunRoutes::one).orElse(ListPage.EMPTY);
    }
    ListPage below = view.list(new ListRequest(seen.prefix(), "", cursor, limit));
    return object.filter(empty -> below.items().isEmpty()).map(RunRoutes::one).orElse(below);
  }

  private static ListPage one(Version version) {
    return new ListPage(List.of(new ListItem.Entry(version)), Optional.empty());
  }

  private static Optional<Version> object(ObjectView view, SeenView seen) {
    if (seen.path().isEmpty() || tooLong(seen.path())) {
      return Optional.empty();
    }
    return switch (view.lookup(new ObjectKey(seen.path()))) {
      case Lookup.Found(Version version) -> Optional.of(version);
      case Lookup.Purged(Version version, Instant at) -> Optional.of(version);
      case Lookup.Deleted deleted -> Optional.empty();
      case Lookup.Absent absent -> Optional.empty();
    };
  }

  private static boolean tooLong(String path) {
    return path.getBytes(StandardCharsets.UTF_8).length > ObjectKey.MAX_BYTES;
  }

  private ObjectNode render(Input input, View view, ListPage page) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("dataset", input.dataset());
    node.put("digest", input.digest());
    input.context().ifPresent(context -> node.put("context", context));
    node.put("bucket", view.bucket().name());
    node.put("view", view.spec().toString());
    node.put("path", input.view().path());
    node.put("logged", Rendered.time(input.logged()));
    node.put("settled", view.settled());
    node.put(
        "amended",
        views.amended(view.bucket(), view.spec(), input.view().prefix(), input.logged()));
    ArrayNode objects = node.putArray("objects");
    for (ListItem item : page.items()) {
      objects.add(Rendered.object(((ListItem.Entry) item).version()));
    }
    return node;
  }

  /** Where a list goes on: an input, and how much of it was shown. */
  private record Position(String input, Cursor cursor) {
    static Position read(Request request, String run) {
      return request
          .query("page")
          .map(PageToken::decode)
          .map(token -> {
            String of = of(run);
            if (!token.of().startsWith(of)) {
              throw Problem.invalid("the page is one of another list: send all else as before");
            }
            return new Position(token.of().substring(of.length()), token.cursor());
          })
          .orElse(new Position("", Cursor.START));
    }

    private static String of(String run) {
      return "inputs " + run + " ";
    }

    String token(String run) {
      return new PageToken(of(run) + input, cursor).encode();
    }
  }
}
