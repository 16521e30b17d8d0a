declare module 'brittle' {
  export interface Assertions {
    pass(message?: string): void
    fail(message?: string): void
    ok(value: unknown, message?: string): void
    absent(value: unknown, message?: string): void
    is(actual: unknown, expected: unknown, message?: string): void
    not(actual: unknown, expected: unknown, message?: string): void
    alike(actual: unknown, expected: unknown, message?: string): void
    unlike(actual: unknown, expected: unknown, message?: string): void
    exception(
      fn: Promise<unknown> | (() => unknown),
      expected?: RegExp | object,
      message?: string
    ): Promise<void> | void
    execution(fn: Promise<unknown> | (() => unknown), message?: string): Promise<unknown> | unknown
    plan(count: number): void
    timeout(ms: number): void
    comment(message: string): void
    teardown(fn: () => unknown, options?: { order?: number }): void
    tmp(): Promise<string>
    end(): void
  }
  interface Test {
    (name: string, fn: (t: Assertions) => unknown): Promise<boolean>
    (
      name: string,
      options: { timeout?: number; skip?: boolean },
      fn: (t: Assertions) => unknown
    ): Promise<boolean>
  }
  const test: Test
  export default test
  export function configure(options: { timeout?: number }): void
}
