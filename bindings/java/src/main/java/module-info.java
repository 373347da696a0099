/** One scheduling engine: pools of worker threads that are {@link java.util.concurrent.ExecutorService}s. */
module org.libsched {
  exports org.libsched;
}
