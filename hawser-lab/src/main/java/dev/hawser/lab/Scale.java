package dev.hawser.lab;

/** How much time an experiment may take. */
public enum Scale {
  /** All experiments in two minutes. */
  QUICK,

  /** All experiments in fifteen minutes. */
  FULL
}
