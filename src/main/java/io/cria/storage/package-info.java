/**
 * A run directory on any Hadoop file system: atomic publishing of tables and files with their
 * manifests, the run's lock, and the ledger's segment files. Everything that must survive a kill
 * goes through here.
 */
@NullMarked
package io.cria.storage;

import org.jspecify.annotations.NullMarked;
