package io.cria.page;

import com.sun.net.httpserver.Headers;
import io.cria.task.CriaException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens, and who is let in.
 *
 * @param host an address of this machine
 * @param port 0 for any free one
 * @param names further names that visitors type, such as that of a proxy before the server
 * @param password asked of every visitor; null for none, where nobody comes but from this machine
 * @param behindProxy whether all visitors come through a proxy of ours, which tells their addresses
 *     in {@code X-Forwarded-For} and https in {@code X-Forwarded-Proto}
 */
public record Door(
    String host, int port, List<String> names, @Nullable Password password, boolean behindProxy) {
  private static final int V6_NETWORK_BYTES = 8;

  public Door {
    names = List.copyOf(names);
    for (String name : names) {
      if (!name.matches("[\\w.-]+(:\\d+)?")) {
        throw CriaException.badInput(
            "--public-name " + name + ": give a name as it stands in the address, without http://");
      }
    }
    if (password == null && (isOpen(host) || behindProxy || !names.isEmpty())) {
      throw CriaException.badInput(
          "no password, host "
              + host
              + ", to which others come: give --password-file FILE, or leave out --host,"
              + " --public-name and --behind-proxy");
    }
  }

  /** On this machine, for whoever sits at it. */
  public static Door loopback(int port) {
    return new Door(Loopback.HOST, port, List.of(), null, false);
  }

  private static boolean isOpen(String host) {
    return !addressOf(host).isLoopbackAddress();
  }

  /** Whether this machine alone reaches the server. */
  public boolean isLoopback() {
    return !isOpen(host);
  }

  private static InetAddress addressOf(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw CriaException.badInput(
          "unknown address, host " + host + ": give one of this machine, or " + Loopback.HOST);
    }
  }

  InetSocketAddress address() {
    return new InetSocketAddress(addressOf(host), port);
  }

  /** The Host headers that are answered, in lower case. */
  Set<String> hosts(int boundPort) {
    List<String> own = new ArrayList<>();
    InetAddress address = addressOf(host);
    if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
      own.addAll(List.of(Loopback.HOST, "localhost"));
    }
    if (address.isAnyLocalAddress()) {
      own.addAll(addressesOfThisMachine());
    } else {
      own.add(written(address));
      own.add(host);
    }
    Set<String> hosts = new TreeSet<>();
    own.forEach(each -> hosts.add(each.toLowerCase(Locale.ROOT) + ":" + boundPort));
    for (String name : names) {
      String lower = name.toLowerCase(Locale.ROOT);
      hosts.add(lower);
      if (lower.indexOf(':') < 0) {
        hosts.add(lower + ":" + boundPort);
      }
    }
    if (boundPort == 80) {
      own.forEach(each -> hosts.add(each.toLowerCase(Locale.ROOT)));
    }
    return hosts;
  }

  private static List<String> addressesOfThisMachine() {
    try {
      List<String> all = new ArrayList<>();
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        Collections.list(each.getInetAddresses()).forEach(address -> all.add(written(address)));
      }
      hostName().ifPresent(all::add);
      return all;
    } catch (SocketException e) {
      throw CriaException.badInput(
          "this machine does not tell its addresses ("
              + e.getMessage()
              + "): give one of them as --host");
    }
  }

  private static Optional<String> hostName() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty(); // a name that leads nowhere is typed by nobody
    }
  }

  /** As addresses in a browser have it. */
  private static String written(InetAddress address) {
    String text = address.getHostAddress().replaceFirst("%.*", "");
    return text.indexOf(':') >= 0 ? "[" + text + "]" : text;
  }

  /** What is typed into a browser. */
  String url(int boundPort) {
    InetAddress address = addressOf(host);
    String name = address.isAnyLocalAddress() ? Loopback.HOST : written(address);
    return "http://" + name + ":" + boundPort + "/";
  }

  /** Who asks: the address, or of a version 6 address the network that one household has. */
  String client(InetAddress remote, Headers headers) {
    String forwarded = behindProxy ? headers.getFirst("X-Forwarded-For") : null;
    if (forwarded != null) {
      // the last one is what our own proxy saw; those before it are hearsay
      return forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
    }
    byte[] bytes = remote.getAddress();
    return bytes.length > V6_NETWORK_BYTES
        ? HexFormat.of().formatHex(bytes, 0, V6_NETWORK_BYTES)
        : remote.getHostAddress();
  }

  /** Whether the visitor's side of the connection is encrypted. */
  boolean isSecure(Headers headers) {
    return behindProxy && "https".equals(headers.getFirst("X-Forwarded-Proto"));
  }
}
