/**
 * Views as readers name them: {@link dev.snapslice.core.view.Address} finds bucket, spec and key in
 * a URI, {@link dev.snapslice.core.view.NamedViews} what a spec stands for.
 */
package dev.snapslice.core.view;
