/** Pages in a real browser, for tests. */
package ai.dmt.browser;
