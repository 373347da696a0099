package org.libsched;

import java.util.concurrent.ArrayBlockingQueue;

/**
 * Messages of 64 bytes from one thread to another, through a queue of 1024. The JDK's queue hands over the array itself, so the
 * producer makes each one anew; ours copies it, and the consumer's is new.
 */
final class QueueBench {
  private static final int SIZE = 64;
  private static final int BOUND = 1024;

  private QueueBench() {}

  /** One pass with the JDK's queue: how many ns it took. */
  static long arrayBlockingQueue(int messages) throws Exception {
    ArrayBlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(BOUND);
    return pass(messages, () -> queue.put(new byte[SIZE]), queue::take);
  }

  /** One pass with ours: how many ns it took. */
  static long byteQueue(int messages) throws Exception {
    try (ByteQueue queue = new ByteQueue(BOUND, 0)) {
      byte[] message = new byte[SIZE];
      return pass(messages, () -> queue.pushBounded(message), queue::pop);
    }
  }

  /** Pushes a message. */
  interface Push {
    void run() throws Exception;
  }

  /** Takes a message. */
  interface Pop {
    byte[] run() throws Exception;
  }

  private static long pass(int messages, Push push, Pop pop) throws Exception {
    Thread producer =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < messages; i++) push.run();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    long begun = System.nanoTime();
    producer.start();
    long bytes = 0;
    for (int i = 0; i < messages; i++) bytes += pop.run().length;
    producer.join();
    if (bytes != (long) messages * SIZE) throw new AssertionError(bytes);
    return System.nanoTime() - begun;
  }
}
