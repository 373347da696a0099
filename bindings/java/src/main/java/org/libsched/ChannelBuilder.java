package org.libsched;

import java.util.Objects;

/**
 * How a {@link Channel} is to be. Everything has a default.
 *
 * @param <T> the type of its tasks
 * @since 0.1
 */
public final class ChannelBuilder<T> {
  final Dispatcher<T> dispatcher;
  String name;
  private long bound;
  private int weight;
  private int limit;
  private Priority priority = Priority.NORMAL;

  ChannelBuilder(Dispatcher<T> dispatcher) {
    this.dispatcher = dispatcher;
  }

  /**
   * The name, which no other channel of the dispatcher has.
   *
   * @param text none unless set
   * @return this
   */
  public ChannelBuilder<T> name(String text) {
    name = text;
    return this;
  }

  /**
   * How many tasks may wait to start; when there are as many, {@link Channel#send} waits.
   *
   * @param most at least 1; any number unless set
   * @return this
   * @throws IllegalArgumentException if it is less
   */
  public ChannelBuilder<T> bound(long most) {
    if (most <= 0) throw new IllegalArgumentException("bound: " + most);
    bound = most;
    return this;
  }

  /**
   * How many turns the channel has in a round.
   *
   * @param turns from 1 to 65536; 1 unless set
   * @return this
   * @throws IllegalArgumentException if it is something else
   */
  public ChannelBuilder<T> weight(int turns) {
    if (turns <= 0 || turns > Raw.MAX_WEIGHT) {
      throw new IllegalArgumentException("weight: " + turns);
    }
    weight = turns;
    return this;
  }

  /**
   * How many of the channel's tasks run at a time.
   *
   * @param most at least 1; what the dispatcher's limit allows unless set
   * @return this
   * @throws IllegalArgumentException if it is less
   */
  public ChannelBuilder<T> limit(int most) {
    if (most <= 0) throw new IllegalArgumentException("limit: " + most);
    limit = most;
    return this;
  }

  /**
   * How urgent its tasks are.
   *
   * @param of all of them; normal unless set
   * @return this
   */
  public ChannelBuilder<T> priority(Priority of) {
    priority = Objects.requireNonNull(of, "priority");
    return this;
  }

  /**
   * Makes the channel.
   *
   * @return an empty channel
   * @throws LibschedException with {@link Status#CLOSED} if the dispatcher was shut down; with the errno EEXIST if there is a
   *     channel of that name
   */
  public Channel<T> open() {
    return new Channel<>(this);
  }

  long create(long address) {
    long options = Raw.new_channel_options();
    try {
      Raw.channel_options_init(options);
      Raw.channel_options_name_set(options, name);
      Raw.channel_options_bound_set(options, bound);
      Raw.channel_options_weight_set(options, weight);
      Raw.channel_options_limit_set(options, limit);
      Raw.channel_options_priority_set(options, priority.code);
      return Raw.channel_create(address, options);
    } finally {
      Raw.channel_options_name_set(options, null);
      Raw.delete_channel_options(options);
    }
  }
}
