package service;

import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /run} starts, {@code GET /run} reports, {@code POST /answer} asks the model. */
@RestController
class RunController {
  private final Runs runs;

  RunController(Runs runs) {
    this.runs = runs;
  }

  @PostMapping("/run")
  Runs.State start() {
    return runs.start();
  }

  @GetMapping("/run")
  Runs.State state() {
    return runs.state();
  }

  @PostMapping("/answer")
  Map<String, String> answer(@RequestBody Map<String, String> request) {
    return Map.of("answer", runs.answer(request.get("question")));
  }

  @ExceptionHandler(IllegalStateException.class)
  @ResponseStatus(HttpStatus.CONFLICT)
  Map<String, String> tooEarly(IllegalStateException e) {
    return Map.of("error", e.getMessage());
  }
}
