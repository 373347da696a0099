/**
 * The scheduling engine libsched. {@link org.libsched.Pool} is where to begin.
 *
 * <p>What a task runs on are threads of the engine, which the virtual machine sees as daemon threads. A virtual thread that
 * calls into this package and waits there holds its carrier for as long.
 */
package org.libsched;
