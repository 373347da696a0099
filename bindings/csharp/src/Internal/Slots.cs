using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// The objects that the native side knows by a number. Slots come in blocks. A block gives each of its slots away once, by
    /// counting up, and begins anew when all have been given back; so taking a slot is one atomic addition, and giving many back
    /// is one too. A slot belongs to one thread at a time: the one that submits it, the engine, and whom that hands it to. So
    /// nothing of it need be atomic. Above its 32 bits a slot may carry what its users like.
    /// </summary>
    internal static class Slots
    {
        private const int Bits = 9;
        private const int Size = 1 << Bits;
        private static readonly int Shards = ShardCount();
        // Between the blocks that threads begin with, so that they share no cache line.
        private const int Spread = 16;

        private static readonly Block[] Current = new Block[Shards * Spread];
        private static readonly Stack<Block> Free = new Stack<Block>();
        private static readonly object Lock = new object();
        private static int count;
        private static volatile Block[] blocks = new Block[16];

        internal struct Entry
        {
            internal object Item;
            internal TaskOwner Owner;
        }

        internal sealed class Block
        {
            internal readonly int First;
            internal readonly Entry[] Entries = new Entry[Size];
            internal int Next; // the slot to be given away
            internal int Back; // how many were given back
            internal bool IsKnown = true; // to who looks for a block: it is the current one of a shard, or free; under the lock

            internal Block(int number)
            {
                First = number << Bits;
            }
        }

        private static int ShardCount()
        {
            int shards = 4;
            while (shards < 64 && shards < 4 * Environment.ProcessorCount) shards *= 2;
            return shards;
        }

        private static int Shard()
        {
            return (Environment.CurrentManagedThreadId & (Shards - 1)) * Spread;
        }

        /// <summary>Puts an object into a slot of its own.</summary>
        internal static long Put(object item, TaskOwner owner)
        {
            int shard = Shard();
            for (; ; )
            {
                Block block = Volatile.Read(ref Current[shard]);
                if (block != null)
                {
                    int at = Interlocked.Increment(ref block.Next) - 1;
                    if (at < Size)
                    {
                        block.Entries[at].Owner = owner;
                        block.Entries[at].Item = item;
                        return block.First + at;
                    }
                }
                Replace(shard, block);
            }
        }

        /// <summary>Puts entries into slots of their own; each slot carries `above` as well.</summary>
        internal static void Put(Entry[] entries, long[] slots, int length, long above)
        {
            int shard = Shard();
            int done = 0;
            while (done < length)
            {
                Block block = Volatile.Read(ref Current[shard]);
                int wanted = Math.Min(length - done, Size);
                int at = block == null ? Size : Interlocked.Add(ref block.Next, wanted) - wanted;
                int end = Math.Min(at + wanted, Size);
                for (; at < end; at++)
                {
                    block.Entries[at] = entries[done];
                    slots[done++] = (uint)(block.First + at) | above;
                }
                if (done < length) Replace(shard, block);
            }
        }

        private static void Replace(int shard, Block full)
        {
            lock (Lock)
            {
                if (Current[shard] != full) return;
                if (full != null && Volatile.Read(ref full.Next) < Size) return; // it has begun anew meanwhile
                if (full != null) full.IsKnown = false;
                Block block;
                if (Free.Count != 0)
                {
                    block = Free.Pop();
                }
                else
                {
                    Block[] all = blocks;
                    if (count == all.Length) Array.Resize(ref all, 2 * count);
                    block = new Block(count);
                    all[count++] = block;
                    // Seen by others no later than a slot of it, which the engine hands over.
                    blocks = all;
                }
                Volatile.Write(ref Current[shard], block);
            }
        }

        internal static Block BlockOf(long slot)
        {
            return blocks[(int)((uint)slot >> Bits)];
        }

        /// <summary>What is in a slot of a block, which stays there.</summary>
        internal static Entry Peek(Block block, long slot)
        {
            return block.Entries[(int)slot & (Size - 1)];
        }

        internal static Entry Peek(long slot)
        {
            return Peek(BlockOf(slot), slot);
        }

        /// <summary>Takes what is in a slot out of it; the slot is given back next.</summary>
        internal static Entry Take(Block block, long slot)
        {
            ref Entry place = ref block.Entries[(int)slot & (Size - 1)];
            Entry entry = place;
            place = default(Entry);
            return entry;
        }

        /// <summary>Gives back slots of a block that are empty.</summary>
        internal static void GiveBack(Block block, int slots)
        {
            if (Interlocked.Add(ref block.Back, slots) != Size) return;
            block.Back = 0;
            lock (Lock)
            {
                // From here on somebody who still knows the block may be given slots of it.
                Volatile.Write(ref block.Next, 0);
                if (block.IsKnown) return;
                block.IsKnown = true;
                Free.Push(block);
            }
        }

        /// <summary>Takes what is in a slot and gives that back.</summary>
        internal static Entry Remove(long slot)
        {
            Block block = BlockOf(slot);
            Entry entry = Take(block, slot);
            GiveBack(block, 1);
            return entry;
        }

        /// <summary>What seems to wait for an owner, for debuggers.</summary>
        internal static IEnumerable<object> Of(TaskOwner owner)
        {
            foreach (Block block in blocks)
            {
                if (block == null) continue;
                for (int at = 0; at < Size; at++)
                {
                    Entry entry = block.Entries[at];
                    if (entry.Owner == owner && entry.Item != null) yield return entry.Item;
                }
            }
        }
    }
}
