/** What holds between the modules, checked on their compiled classes. */
package ai.dmt.architecture;
