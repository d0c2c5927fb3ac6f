// The program's tests.
