package dev.snapslice.proxy.view;

import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.proxy.access.KnownCredentials;
import dev.snapslice.proxy.origin.Origin;

/** What every protocol answers from. */
public record Parts(
    KnownCredentials credentials,
    Views views,
    MissingVersions missing,
    TimeIndex index,
    BucketClients clients,
    Origin origin) {}
