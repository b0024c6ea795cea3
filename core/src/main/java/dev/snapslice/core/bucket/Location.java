package dev.snapslice.core.bucket;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.net.URI;

/** Where a bucket is, and as whom it is reached. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Location.OwnAccount.class, name = "own"),
  @JsonSubTypes.Type(value = Location.OtherAccount.class, name = "role"),
  @JsonSubTypes.Type(value = Location.OtherStore.class, name = "store"),
})
public sealed interface Location {

  /** In the account that Snapslice runs in. */
  record OwnAccount() implements Location {}

  /**
   * In another AWS account, reached by a role that trusts ours if it is shown the external ID.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html">Access
   *     for third parties</a>
   */
  record OtherAccount(String roleArn, String externalId) implements Location {
    public OtherAccount {
      if (!roleArn.matches("arn:[a-z-]+:iam::\\d{12}:role/.+")) {
        throw new IllegalArgumentException("'" + roleArn + "' is not the ARN of an IAM role");
      }
      if (!externalId.matches("[\\w+=,.@:/-]{2,1224}")) {
        throw new IllegalArgumentException(
            "an external ID has 2 to 1,224 characters out of letters, digits and +=,.@:/-_");
      }
    }
  }

  /**
   * In another S3-compatible store, which tells of its changes by a webhook.
   *
   * @param endpoint an absolute http or https URL; see {@link Endpoints} for where it may not point
   * @param secretName of a secret in Secrets Manager that holds {@code
   *     {"accessKeyId":…,"secretAccessKey":…}}
   */
  record OtherStore(URI endpoint, String region, String secretName) implements Location {
    public OtherStore {
      Endpoints.checkForm(endpoint);
      if (!region.matches("[a-z0-9-]{1,64}")) {
        throw new IllegalArgumentException("'" + region + "' is not a region's name");
      }
      if (!secretName.matches("[\\w/+=.@:-]{1,512}")) {
        throw new IllegalArgumentException("'" + secretName + "' is not a secret's name");
      }
    }
  }
}
