package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.export.ExportJob;
import dev.snapslice.core.job.JobNotes.Note;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.restore.RestoreJob;
import dev.snapslice.core.restore.RestorePlan;
import dev.snapslice.core.restore.RestorePlan.Counts;
import dev.snapslice.core.restore.RestoreRequest;
import dev.snapslice.core.time.TimeSpec;
import java.util.List;

/** Restores and exports as the contract's schemas have them. */
final class JobRendered {
  private JobRendered() {}

  private static String view(RestoreRequest request) {
    return switch (request) {
      case RestoreRequest.Back back -> new TimeSpec(back.at()).toString();
      case RestoreRequest.Copy copy -> copy.view().toString();
    };
  }

  private static ObjectNode counts(Counts counts) {
    return Json.MAPPER.valueToTree(counts);
  }

  static ObjectNode plan(RestoreRequest wanted, RestorePlan plan) {
    ObjectNode node = request(wanted);
    node.put("now", Rendered.time(plan.now()));
    node.put("refused", plan.refused());
    node.set("counts", counts(plan.counts()));
    var purged = node.putArray("purgedKeys");
    plan.purged().forEach(key -> purged.add(key.value()));
    return node;
  }

  private static ObjectNode request(RestoreRequest wanted) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("bucket", wanted.bucket());
    node.put("view", view(wanted));
    node.put("prefix", wanted.prefix());
    if (wanted instanceof RestoreRequest.Copy copy) {
      node.putObject("target").put("bucket", copy.toBucket()).put("prefix", copy.toPrefix());
    }
    return node;
  }

  static ObjectNode job(RestoreJob job, List<Note> problems) {
    ObjectNode node = request(job.request());
    node.put("id", job.id().number());
    node.put("status", job.state().name());
    node.set("counts", counts(job.planned()));
    node.put("done", job.progress().done());
    node.put("conflicts", job.progress().conflicts());
    node.put("failed", job.progress().failed());
    node.set("problems", Rendered.all(problems, JobRendered::note));
    job.problem().ifPresent(problem -> node.put("problem", problem));
    node.put("created", Rendered.time(job.now()));
    node.put("updated", Rendered.time(job.updated()));
    return node;
  }

  private static ObjectNode note(Note note) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("key", note.key().value());
    node.put("problem", note.text());
    return node;
  }

  static ObjectNode job(ExportJob job) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", job.id().number());
    node.put("bucket", job.request().bucket());
    node.put("view", job.request().view().toString());
    node.put("prefix", job.request().prefix());
    node.put("format", job.request().format().extension());
    ObjectNode target = node.putObject("target");
    target.put("bucket", job.request().toBucket());
    target.put("prefix", job.request().toPrefix());
    node.put("status", job.state().name());
    node.put("objects", job.written().objects());
    var files = node.putArray("files");
    if (job.state() == ExportJob.State.DONE) {
      files.add(job.file());
    }
    job.problem().ifPresent(problem -> node.put("problem", problem));
    node.put("created", Rendered.time(job.created()));
    node.put("updated", Rendered.time(job.updated()));
    return node;
  }
}
