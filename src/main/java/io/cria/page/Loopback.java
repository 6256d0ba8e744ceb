package io.cria.page;

import com.sun.net.httpserver.HttpServer;
import io.cria.task.CriaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;

/** Servers that only this machine reaches. */
public final class Loopback {
  /** The address where nothing else is said. */
  public static final String HOST = "127.0.0.1";

  static {
    // Read once when the JDK's server class is loaded: without it, small answers wait for the
    // client's delayed ACK.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    // Read then too: a request that does not come to its end holds a thread no longer than this.
    System.setProperty("sun.net.httpserver.maxReqTime", "60");
  }

  private Loopback() {}

  /**
   * A server that is bound and not yet started.
   *
   * @param host a loopback address
   * @param port 0 for any free one
   * @param backlog connections that may wait
   * @throws CriaException (bad input) when the address is not a loopback one or the port is taken
   */
  public static HttpServer bind(String host, int port, int backlog) {
    requirePort(port);
    try {
      InetAddress address = InetAddress.getByName(host);
      if (!address.isLoopbackAddress()) {
        throw CriaException.badInput(
            "serving is for this machine only, host " + host + ": give " + HOST);
      }
      return bind(new InetSocketAddress(address, port), backlog);
    } catch (UnknownHostException e) {
      throw CriaException.badInput("unknown address, host " + host + ": give " + HOST);
    }
  }

  /**
   * Whether a Host header names this machine as only this machine can be meant: another site's name
   * may be made to lead here.
   *
   * @param header name or address, with any port or none
   * @param host what the server was bound to, by whatever name
   */
  public static boolean isNamedBy(String header, String host) {
    String name = header.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.equals(host.toLowerCase(Locale.ROOT))
        || name.matches("127(\\.\\d{1,3}){3}")
        || (name.matches("\\[[0-9a-f:.]+]") && isLoopback(name));
  }

  private static boolean isLoopback(String literal) {
    try {
      return InetAddress.getByName(literal).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // no address at all
    }
  }

  private static void requirePort(int port) {
    if (port < 0 || port > 65535) {
      throw CriaException.badInput("port " + port + ": give 1 to 65535, or 0 for any free one");
    }
  }

  /** A server at the door, which may be one that other machines reach; not yet started. */
  static HttpServer bind(Door door, int backlog) {
    requirePort(door.port());
    return bind(door.address(), backlog);
  }

  private static HttpServer bind(InetSocketAddress address, int backlog) {
    try {
      return HttpServer.create(address, backlog);
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot listen, "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " ("
              + e.getMessage()
              + "): give another port, or 0 for any free one");
    }
  }
}
