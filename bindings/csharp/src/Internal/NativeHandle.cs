using System;
using System.Runtime.InteropServices;

namespace LibSched
{
    /// <summary>
    /// A native object of which one reference is owned here. It is dropped once the handle is disposed and the last call under
    /// way has left; that of a handle which was forgotten is dropped by the finalizer, which never blocks.
    /// </summary>
    internal sealed class NativeHandle : SafeHandle
    {
        private readonly Action<long> unref;
        private readonly string owner;

        /// <param name="address">what a raw function gave; a negative status is thrown</param>
        /// <param name="unref">drops the reference; must not block</param>
        /// <param name="owner">the name of the class, for messages</param>
        internal NativeHandle(long address, Action<long> unref, string owner)
            : base(IntPtr.Zero, true)
        {
            this.unref = unref;
            this.owner = owner;
            SetHandle((IntPtr)LibSchedException.Check(address));
            if (ProcessEnd.OnMono) ProcessEnd.Made(this);
        }

        public override bool IsInvalid
        {
            get { return handle == IntPtr.Zero; }
        }

        /// <summary>Begins a call, which the end of the result ends.</summary>
        internal NativeCall Enter(out long address)
        {
            bool entered = false;
            try
            {
                DangerousAddRef(ref entered);
            }
            catch (ObjectDisposedException)
            {
                throw new ObjectDisposedException(owner);
            }
            address = (long)handle;
            return new NativeCall(this);
        }

        /// <summary>The same; 0 and false if the handle is disposed.</summary>
        internal bool TryEnter(out long address)
        {
            bool entered = false;
            address = 0;
            if (IsClosed) return false;
            try
            {
                DangerousAddRef(ref entered);
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
            address = (long)handle;
            return true;
        }

        /// <summary>The same for an object that need not be there; 0 if it is not.</summary>
        internal static NativeCall Enter(NativeHandle handle, out long address)
        {
            if (handle != null) return handle.Enter(out address);
            address = 0;
            return default(NativeCall);
        }

        internal void Leave()
        {
            DangerousRelease();
        }

        protected override bool ReleaseHandle()
        {
            unref((long)handle);
            return true;
        }
    }

    /// <summary>A call under way, or none.</summary>
    internal struct NativeCall : IDisposable
    {
        private readonly NativeHandle handle;

        internal NativeCall(NativeHandle handle)
        {
            this.handle = handle;
        }

        public void Dispose()
        {
            if (handle != null) handle.Leave();
        }
    }
}
