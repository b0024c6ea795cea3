/** JSON as every message and stored document of Snapslice is written: {@link Json}. */
package dev.snapslice.core.json;
