window.BENCHMARK_DATA = {
  "lastUpdate": 1764065760000,
  "repoUrl": "https://github.com/example/example",
  "entries": {
    "Benchmark": [
      {
        "commit": {
          "author": {"name": "Example", "username": "example"},
          "committer": {"name": "Example", "username": "example"},
          "id": "1111111111111111111111111111111111111111",
          "message": "Copy in blocks\n\nAnd a body.",
          "timestamp": "2025-11-24T10:00:00+01:00",
          "url": "https://github.com/example/example/commit/1111111"
        },
        "date": 1763975400500,
        "tool": "googlecpp",
        "benches": [
          {"name": "BM_copy/8/repeats:2", "value": 10.5, "unit": "ns/iter", "extra": "iterations: 100\ncpu: 10.25 ns\nthreads: 1"},
          {"name": "BM_copy/8/repeats:2", "value": 11.5, "unit": "ns/iter", "extra": "iterations: 100\ncpu: 10.75 ns\nthreads: 1"},
          {"name": "BM_copy/8/repeats:2_mean", "value": 11, "unit": "ns/iter", "extra": "iterations: 2\ncpu: 10.5 ns\nthreads: 1"},
          {"name": "BM_copy/8/repeats:2_median", "value": 11, "unit": "ns/iter", "extra": "iterations: 2\ncpu: 10.5 ns\nthreads: 1"},
          {"name": "BM_copy/8/repeats:2_stddev", "value": 0.7, "unit": "ns/iter", "extra": "iterations: 2\ncpu: 0.35 ns\nthreads: 1"},
          {"name": "BM_copy/8/repeats:2_cv", "value": 0.06, "unit": "ns/iter", "extra": "iterations: 2\ncpu: 0.03 ns\nthreads: 1"},
          {"name": "BM_sort_mean", "value": 2, "unit": "ms/iter", "extra": "iterations: 5\ncpu: 2 ms\nthreads: 1"},
          {"name": "BM_sort_median", "value": 2.5, "unit": "ms/iter", "extra": "iterations: 5\ncpu: 2 ms\nthreads: 1"},
          {"name": "BM_sort_stddev", "value": 0.5, "unit": "ms/iter", "extra": "iterations: 5\ncpu: 2 ms\nthreads: 1"}
        ]
      },
      {
        "commit": {
          "id": "2222222222222222222222222222222222222222",
          "message": "Sort by <script>alert(1)</script>",
          "timestamp": "2025-11-25T10:00:00Z"
        },
        "date": 1764065760000,
        "tool": "googlecpp",
        "benches": [
          {"name": "BM_copy/8", "value": 12, "unit": "ns/iter", "extra": "iterations: 100\ncpu: 11 ns\nthreads: 1"},
          {"name": "BM_of<b>|`x`", "value": 1, "unit": "s/iter", "extra": "iterations: 1\ncpu: 1 s\nthreads: 1"}
        ]
      }
    ],
    "Go": [
      {
        "commit": {
          "id": "1111111111111111111111111111111111111111",
          "message": "Copy in blocks",
          "timestamp": "2025-11-24T10:00:00+01:00"
        },
        "date": 1763975500000,
        "tool": "go",
        "benches": [
          {"name": "BenchmarkCopy", "value": 250, "unit": "ns/op", "extra": "5000 times\n4 procs"},
          {"name": "BenchmarkCopy - B/op", "value": 64, "unit": "B/op", "extra": "5000 times\n4 procs"},
          {"name": "BenchmarkRate", "value": 12.5, "unit": "MB/s", "range": "± 0.5"}
        ]
      }
    ]
  }
}
