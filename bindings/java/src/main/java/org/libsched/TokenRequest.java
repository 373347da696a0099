package org.libsched;

import java.util.concurrent.CompletableFuture;

/** A request for a token that nobody waits in. It keeps its jobserver from being collected. */
final class TokenRequest extends Held {
  private final Jobserver jobserver;
  private final CompletableFuture<JobToken> future;

  TokenRequest(Jobserver jobserver, CompletableFuture<JobToken> future) {
    super(future);
    this.jobserver = jobserver;
    this.future = future;
  }

  /** There is a token; it goes back if nobody wants it any more. */
  void complete(long number) {
    JobToken token = new JobToken(jobserver, number);
    try {
      if (!future.complete(token)) token.close();
    } catch (Throwable thrown) {
      Engine.uncaught(thrown);
    }
  }

  @Override
  void dropped() {
    future.cancel(false);
  }
}
