package ai.dmt.world;

/**
 * What a note to a colleague is for. In the texts N and M are names, I a thing and Q a place; the
 * first text is the request, the second the note.
 */
enum Message {
  TELL("N left the I in the Q. Tell M.", "M, the I of N are in the Q."),
  ASK("N needs the I of the Q. Ask M.", "M, can N have the I of the Q?"),
  THANK("N got the I in the Q. Thank M.", "Thanks for the I in the Q, M! N"),
  INVITE("N has the I in the Q. Invite M.", "Dear M, see the I in the Q. Yours, N"),
  WARN("N wants the I in the Q. Warn M.", "M, not the I in the Q! They are for N.");

  private final String request;
  private final String note;

  Message(String request, String note) {
    this.request = request;
    this.note = note;
  }

  String request() {
    return request;
  }

  String note() {
    return note;
  }
}
