package org.libsched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The objects that the native side knows by a number: tasks that wait to run. Slots come in blocks. A block gives each of its
 * slots away once, by counting up, and begins anew when all have been given back; so taking a slot is one atomic addition,
 * and giving many back is one too.
 *
 * <p>A slot belongs to one thread at a time: the one that submits it, the engine, or the worker that it is handed to and that
 * may give it back; the engine, which hands it over, keeps these in order. So nothing of it need be atomic. Above its 32 bits a
 * slot may carry what its users like.
 */
final class Slots {
  private static final int BITS = 9;
  private static final int SIZE = 1 << BITS;
  private static final int SHARDS =
      Math.min(64, Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 4);
  // Distance between the blocks that threads begin with, so that they share no cache line.
  private static final int SPREAD = 16;
  private static final VarHandle CURRENT = MethodHandles.arrayElementVarHandle(Block[].class);
  private static final VarHandle NEXT;
  private static final VarHandle BACK;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEXT = lookup.findVarHandle(Block.class, "next", int.class);
      BACK = lookup.findVarHandle(Block.class, "back", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final Block[] current = new Block[SHARDS * SPREAD];
  private static Block free; // a list, by `below`
  private static int count;
  private static volatile Block[] blocks = new Block[16];

  private Slots() {}

  /** A block of slots. */
  static final class Block {
    private final int first;
    private final Runnable[] items = new Runnable[SIZE];
    private final TaskOwner[] owners = new TaskOwner[SIZE];
    private volatile int next; // the slot to be given away
    private volatile int back; // how many were given back
    private boolean idle; // in the list of free ones, or current
    private Block below;

    Block(int number) {
      first = number << BITS;
    }
  }

  /** Puts a task into a slot of its own. */
  static long put(Runnable item, TaskOwner owner) {
    int shard = shard();
    for (; ; ) {
      Block block = (Block) CURRENT.getAcquire(current, shard);
      if (block != null) {
        int at = (int) NEXT.getAndAdd(block, 1);
        if (at < SIZE) {
          block.owners[at] = owner;
          block.items[at] = item;
          return block.first + at;
        }
      }
      replace(shard, block);
    }
  }

  /** Puts tasks into slots of their own; each slot carries `above` as well. */
  static long[] put(Runnable[] items, int from, int to, TaskOwner owner, long above) {
    long[] slots = new long[to - from];
    int put = 0;
    try {
      for (int shard = shard(); put < slots.length; ) {
        Block block = (Block) CURRENT.getAcquire(current, shard);
        int wanted = Math.min(slots.length - put, SIZE);
        int at = block == null ? SIZE : (int) NEXT.getAndAdd(block, wanted);
        for (int end = Math.min(at + wanted, SIZE); at < end; at++) {
          block.owners[at] = owner;
          block.items[at] = items[from + put];
          slots[put++] = block.first + at | above;
        }
        if (put < slots.length) replace(shard, block);
      }
      return slots;
    } catch (OutOfMemoryError e) {
      while (put != 0) remove(slots[--put]);
      throw e;
    }
  }

  private static synchronized void replace(int shard, Block full) {
    if (CURRENT.getAcquire(current, shard) != full) return;
    if (full != null && full.next < SIZE) return; // it has begun anew meanwhile
    Block block = free;
    if (block != null) {
      free = block.below;
    } else {
      if (count == blocks.length) blocks = Arrays.copyOf(blocks, 2 * count);
      block = new Block(count);
      // Seen by others no sooner than a slot of it, which is handed over by the engine.
      blocks[count++] = block;
      block.idle = true;
    }
    if (full != null) full.idle = false;
    CURRENT.setRelease(current, shard, block);
  }

  // Threads begin with blocks of their own.
  private static int shard() {
    return ((int) Thread.currentThread().getId() & SHARDS - 1) * SPREAD;
  }

  static Block block(long slot) {
    return blocks[(int) slot >>> BITS];
  }

  /** The owner of the task in a slot. */
  static TaskOwner owner(long slot) {
    return owner(block(slot), slot);
  }

  /** The owner of the task in a slot of a block. */
  static TaskOwner owner(Block block, long slot) {
    return block.owners[(int) slot & SIZE - 1];
  }

  /** What is in a slot, which stays there. */
  static Runnable peek(long slot) {
    return block(slot).items[(int) slot & SIZE - 1];
  }

  /** Takes the task out of a slot, which is given back next. */
  static Runnable take(Block block, long slot) {
    int at = (int) slot & SIZE - 1;
    Runnable item = block.items[at];
    block.items[at] = null;
    block.owners[at] = null;
    return item;
  }

  /** Gives back slots of a block, whose tasks were taken. */
  static void giveBack(Block block, int slots) {
    if ((int) BACK.getAndAdd(block, slots) + slots == SIZE) beginAnew(block);
  }

  private static synchronized void beginAnew(Block block) {
    block.back = 0;
    block.next = 0; // from here on somebody who still knows the block may be given slots of it
    if (block.idle) return;
    block.idle = true;
    block.below = free;
    free = block;
  }

  /** How many blocks there are that nobody uses. */
  static synchronized int freeBlocks() {
    int blocks = 0;
    for (Block block = free; block != null; block = block.below) blocks++;
    return blocks;
  }

  /** Empties slots, from one on. */
  static void remove(long[] slots, int from) {
    for (int i = from; i < slots.length; i++) remove(slots[i]);
  }

  /** Takes a task out of its slot and gives that back. */
  static Runnable remove(long slot) {
    Block block = block(slot);
    Runnable item = take(block, slot);
    giveBack(block, 1);
    return item;
  }
}
