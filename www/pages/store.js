// SPDX-License-Identifier: MIT
// Values that several components show: setting one renders all of them again.

import { useEffect, useState } from "./view.js";

export class Store {
  #listeners = new Set();

  constructor(value) {
    this.value = value;
  }

  set(value) {
    this.value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Calls `listener` at each change; returns what ends that. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The value of a store, in a component. */
export function useStore(store) {
  const [value, setValue] = useState(store.value);
  useEffect(() => {
    setValue(store.value);
    return store.listen(setValue);
  }, [store]);
  return value;
}
