package service;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** A service that fine-tunes a model in the background and answers with the result. */
@SpringBootApplication
public class Service {
  /** Starts it. */
  public static void main(String[] args) {
    SpringApplication.run(Service.class, args);
  }
}
